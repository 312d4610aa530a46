import type { ServerOptions } from 'node:https'
import { describe, expect, test } from 'vitest'
import { createIdentity, writePem } from '../testing/certificates.ts'
import { startRawReceiver, startReceiver } from '../testing/receiver.ts'
import { probeEndpoint } from './probe-endpoint.ts'

const root = createIdentity({ name: 'root', isAuthority: true })
const server = createIdentity({ name: 'server', issuer: root, hosts: ['127.0.0.1'] })
const client = createIdentity({ name: 'client', issuer: root })
const stranger = createIdentity({ name: 'stranger' })
const serverTls: ServerOptions = { key: server.privateKey, cert: server.certificate }

const section = (endpoint: string) => ({ enabled: true, endpoint }) as const

describe('an endpoint that can be reached', () => {
  test('over HTTP gets no request', async () => {
    const { connectionCount, requests, url } = await startReceiver()
    const probe = await probeEndpoint(section(url))
    expect(probe).toEqual({ reached: true, durationInMs: expect.any(Number) as number })
    await expect.poll(connectionCount).toBe(1)
    expect(requests).toEqual([])
  })

  test('over TLS shows its certificate, which is verified when it should be', async () => {
    const { url } = await startReceiver(undefined, serverTls)
    const tls = { protocol: 'TLSv1.3', certificate: { subject: 'server', issuer: 'root' } }
    expect(await probeEndpoint(section(url))).toMatchObject({
      reached: true,
      tls: { ...tls, verified: false },
    })
    const verifying = {
      ...section(url),
      useSslTrustAll: false,
      sslTrustFile: await writePem(root.certificate),
    }
    expect(await probeEndpoint(verifying)).toMatchObject({ reached: true, tls: { ...tls, verified: true } })
  })

  test.each(['TLSv1.2', 'TLSv1.3'] as const)('is shown the client certificate, %s', async (version) => {
    const { url } = await startReceiver(undefined, {
      ...serverTls,
      ca: root.certificate,
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: version,
      maxVersion: version,
    })
    const probeAs = async ({ privateKey, certificate }: typeof client) =>
      probeEndpoint({
        ...section(url),
        useSslClientCert: true,
        sslKeyFile: await writePem(privateKey, certificate),
      })
    expect(await probeAs(client)).toMatchObject({ reached: true, tls: { protocol: version } })
    expect(await probeAs(stranger)).toMatchObject({ reached: false })
    // What who sets it up for the first time gets to see.
    expect(await probeEndpoint(section(url))).toMatchObject({
      reached: false,
      errorMessage: expect.stringMatching(
        /^[a-z0-9/ ]+; the receiver wants a client certificate: set "useSslClientCert"/,
      ) as string,
    })
  })
})

describe('an endpoint that cannot be reached', () => {
  test('it hangs up before TLS begins', async () => {
    const { port } = await startRawReceiver((socket) => socket.destroy())
    expect(await probeEndpoint(section(`https://127.0.0.1:${port}/`))).toMatchObject({
      reached: false,
      errorCode: 'connection_reset',
      errorMessage: expect.stringContaining('hung up before TLS began') as string,
    })
  })

  test('nothing listens', async () => {
    expect(await probeEndpoint(section('http://127.0.0.1:1/'))).toMatchObject({
      reached: false,
      errorCode: 'connection_refused',
      errorMessage: expect.stringContaining('check that the receiver runs') as string,
    })
  })

  test('a certificate that is not trusted, TLS at a plain port, a private address', async () => {
    const { url } = await startReceiver(undefined, serverTls)
    const untrusted = { ...section(url), useSslTrustAll: false }
    expect(await probeEndpoint(untrusted)).toMatchObject({ reached: false, errorCode: 'tls_untrusted' })
    const plain = await startReceiver()
    expect(await probeEndpoint(section(plain.url.replace('http:', 'https:')))).toMatchObject({
      reached: false,
      errorCode: 'tls_failed',
      errorMessage: expect.stringContaining('does not speak TLS') as string,
    })
    expect(await probeEndpoint({ ...section('http://[::1]:1/'), denyPrivateNetworks: true })).toMatchObject({
      errorCode: 'address_denied',
    })
  })

  test('without an endpoint there is nothing to probe', async () => {
    await expect(probeEndpoint({})).rejects.toMatchObject({ code: 'option_invalid', option: 'endpoint' })
  })
})
