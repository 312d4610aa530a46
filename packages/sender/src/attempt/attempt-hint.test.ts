import { describe, expect, test } from 'vitest'
import { createIdentity, writePem } from '../testing/certificates.ts'
import { answeredWith, attemptAt } from '../testing/endpoint.ts'
import { startReceiver } from '../testing/receiver.ts'
import type { FailedAttempt } from './attempt-result.ts'

const root = createIdentity({ name: 'root', isAuthority: true })
const server = createIdentity({ name: 'server', issuer: root, hosts: ['127.0.0.1'] })
const tls = { cert: server.certificate, key: server.privateKey }

const says = (hint: string): unknown => expect.stringContaining(hint)

describe('what is stored of an attempt that failed says what to do', () => {
  test('TLS to a port that speaks plain HTTP', async () => {
    const { url } = await startReceiver()
    expect(await attemptAt(url.replace('http:', 'https:'))).toMatchObject({
      errorCode: 'tls_failed',
      errorMessage: says('the port does not speak TLS'),
    })
  })

  test('plain HTTP to a port whose server answers with a TLS alert', async () => {
    expect(await answeredWith('\u{15}\u{3}\u{3}\0\u{2}\u{2}\u{50}')).toMatchObject({
      errorCode: 'response_invalid',
      errorMessage: says('the port speaks TLS: write https://'),
    })
  })

  test('a Continue and a switch of protocols that the sender did not ask for', async () => {
    expect(await answeredWith('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n')).toMatchObject({
      errorCode: 'response_invalid',
      errorMessage: says('must not answer 100 Continue'),
    })
    expect(
      await answeredWith('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
    ).toMatchObject({ errorCode: 'response_invalid', errorMessage: says('must not answer 101') })
  })

  test('plain HTTP to a port whose server says so in plain HTTP', async () => {
    const { url } = await startReceiver((_request, response) =>
      response.writeHead(400).end('<h1>The plain HTTP request was sent to HTTPS port</h1>'),
    )
    expect(await attemptAt(url)).toMatchObject({
      status: 400,
      errorMessage: says('the port speaks TLS: write https://'),
    })
  })

  test('a certificate of an authority that is not known', async () => {
    const { url } = await startReceiver(undefined, tls)
    expect(await attemptAt(url, { useSslTrustAll: false })).toMatchObject({
      errorCode: 'tls_untrusted',
      errorMessage: says('"sslTrustFile"'),
    })
  })

  test('a server that wants a client certificate', async () => {
    const { url } = await startReceiver(undefined, { ...tls, ca: root.certificate, requestCert: true })
    const sslTrustFile = await writePem(root.certificate)
    expect(await attemptAt(url, { useSslTrustAll: false, sslTrustFile })).toMatchObject({
      errorCode: 'tls_failed',
      errorMessage: says('the receiver wants a client certificate: set "useSslClientCert"'),
    })
  })

  test('a route that does not take the slash which a key brings', async () => {
    const { url } = await startReceiver((request, response) =>
      response.writeHead(308, { location: request.url?.replace('/?', '?') }).end(),
    )
    const result = (await attemptAt(url, { key: 'site-1' })) as FailedAttempt
    expect(result.errorMessage).toBe(
      'redirects are not followed, and this one, to /automation?key=***, takes the slash away that the path has with a "key": the receiver\'s route must take /automation/ with the slash',
    )
  })

  test('but not of one that was delivered', async () => {
    const { url } = await startReceiver()
    expect(await attemptAt(url, { key: 'site-1' })).not.toHaveProperty('errorMessage')
  })
})
