import { createPrivateKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import tls, { type TLSSocket } from 'node:tls'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { AttemptResult } from '../attempt/attempt-result.ts'
import { createIdentity, fixture, writePem, type TestingIdentity } from '../testing/certificates.ts'
import { attemptAt, delivery, startEndpoint } from '../testing/endpoint.ts'
import { startRawReceiver, startReceiver } from '../testing/receiver.ts'
import type { WebHookOptions } from '../config/web-hook/config.ts'

const password = 'changeit'
const read = (name: string): string => readFileSync(fixture(name), 'utf8')

const hosts = ['127.0.0.1', 'localhost']
const day = (offset: number): Date => new Date(Date.now() + offset * 86_400_000)
const root = createIdentity({ name: 'root', isAuthority: true })
const intermediate = createIdentity({ name: 'intermediate', issuer: root, isAuthority: true })
const server = createIdentity({ name: 'server', issuer: intermediate, hosts })
const client = createIdentity({ name: 'client', issuer: root })
const stranger = createIdentity({ name: 'stranger', isAuthority: true, hosts })

const serves = (identity: TestingIdentity, ...chain: TestingIdentity[]) => ({
  key: identity.privateKey,
  cert: [identity, ...chain].map(({ certificate }) => certificate).join(''),
})
const fixtureServer = { key: read('server.pem'), cert: read('server.pem') }

/** What comes of a delivery to a server with such TLS. */
async function attempt(
  options: tls.TlsOptions,
  config: WebHookOptions,
  host = '127.0.0.1',
): Promise<AttemptResult> {
  const { url } = await startReceiver((_request, response) => response.end(), options)
  return attemptAt(url.replace('127.0.0.1', host), config)
}

/** Who a server that asks for a certificate sees. */
async function seenClient(config: WebHookOptions, ca: string): Promise<string[]> {
  const names: string[] = []
  const { url } = await startReceiver(
    (request, response) => {
      const socket = request.socket as TLSSocket
      names.push(`${String(socket.getPeerCertificate().subject?.CN)} ${socket.authorized}`)
      response.end()
    },
    { ...fixtureServer, ca, requestCert: true, rejectUnauthorized: true },
  )
  expect(await attemptAt(url, config)).toMatchObject({ outcome: 'delivered' })
  return names
}

describe('by default any server certificate is accepted', () => {
  test('signed by itself, expired, or for another host', async () => {
    const identities = [
      stranger,
      createIdentity({ name: 'expired', notAfter: day(-0.5), hosts: ['other.example.org'] }),
    ]
    for (const identity of identities) {
      // oxlint-disable-next-line no-await-in-loop
      expect(await attempt(serves(identity), {})).toMatchObject({ outcome: 'delivered' })
    }
  })
})

describe('a server is verified against', () => {
  test('the certificates in sslKeyFile, without a client certificate', async () => {
    const options = serves(server, intermediate)
    const config = { useSslTrustAll: false, sslKeyFile: await writePem(root.certificate) }
    expect(await attempt(options, config)).toMatchObject({ outcome: 'delivered' })
    expect(await attempt(options, config, 'localhost')).toMatchObject({ outcome: 'delivered' })
  })

  test('those in sslTrustFile, with a client certificate', async () => {
    const config = {
      useSslTrustAll: false,
      useSslClientCert: true,
      sslKeyFile: await writePem(client.privateKey, client.certificate),
    }
    const options = { ...serves(server, intermediate), ca: root.certificate, requestCert: true }
    const sslTrustFile = await writePem(stranger.certificate, root.certificate)
    expect(await attempt(options, { ...config, sslTrustFile })).toMatchObject({ outcome: 'delivered' })
    const wrong = { ...config, sslTrustFile: await writePem(stranger.certificate) }
    expect(await attempt(options, wrong)).toMatchObject({ errorCode: 'tls_untrusted' })
  })

  test('those in sslTrustFile, without a client certificate, and those in sslKeyFile too', async () => {
    const config = { useSslTrustAll: false, sslTrustFile: await writePem(root.certificate) }
    expect(await attempt(serves(server, intermediate), config)).toMatchObject({ outcome: 'delivered' })
    const both = { ...config, sslKeyFile: await writePem(stranger.certificate) }
    expect(await attempt(serves(server, intermediate), both)).toMatchObject({ outcome: 'delivered' })
    expect(await attempt(serves(stranger), both)).toMatchObject({ outcome: 'delivered' })
  })

  test.each([
    ['the certificate above it only', intermediate],
    ['its own certificate only', server],
  ])('%s, as Java has it', async (_title, trusted) => {
    const config = { useSslTrustAll: false, sslKeyFile: await writePem(trusted.certificate) }
    expect(await attempt(serves(server, intermediate), config)).toMatchObject({ outcome: 'delivered' })
  })

  test.each(['trust-java.p12', 'trust-rc2.p12', 'trust-no-password.p12', 'trust.jks', 'root.pem'])(
    'the trust store %s',
    async (name) => {
      const config = { useSslTrustAll: false, sslKeyFile: fixture(name), sslKeyPassword: password }
      expect(await attempt(fixtureServer, config)).toMatchObject({ outcome: 'delivered' })
      expect(await attempt(serves(stranger), config)).toMatchObject({ errorCode: 'tls_untrusted' })
    },
  )

  test('a trust store with a password of its own, sslTrustPassword', async () => {
    const config = { useSslTrustAll: false, sslTrustFile: fixture('trust.jks'), sslKeyPassword: 'other' }
    const withPassword = { ...config, sslTrustPassword: password }
    expect(await attempt(fixtureServer, withPassword)).toMatchObject({ outcome: 'delivered' })
    await expect(attempt(fixtureServer, config)).rejects.toMatchObject({
      code: 'key_store_password_wrong',
      message: expect.stringContaining('sslTrustPassword') as string,
    })
  })

  test("the system's roots, without any file", async () => {
    const before = tls.getCACertificates('default')
    onTestFinished(() => tls.setDefaultCACertificates(before))
    tls.setDefaultCACertificates([...before, root.certificate])
    const config = { useSslTrustAll: false }
    expect(await attempt(serves(server, intermediate), config)).toMatchObject({ outcome: 'delivered' })
    expect(await attempt(serves(stranger), config)).toMatchObject({ errorCode: 'tls_untrusted' })
  })

  test("and not the system's roots with a file", async () => {
    const before = tls.getCACertificates('default')
    onTestFinished(() => tls.setDefaultCACertificates(before))
    tls.setDefaultCACertificates([...before, root.certificate])
    const config = { useSslTrustAll: false, sslKeyFile: await writePem(stranger.certificate) }
    expect(await attempt(serves(server, intermediate), config)).toMatchObject({ errorCode: 'tls_untrusted' })
  })
})

describe('a server that is verified is refused', () => {
  const expired = createIdentity({ name: 'server', issuer: root, hosts, notAfter: day(-0.5) })
  const notYet = createIdentity({ name: 'server', issuer: root, hosts, notBefore: day(0.5) })
  const elsewhere = createIdentity({ name: 'server', issuer: root, hosts: ['www.example.org'] })
  const nowhere = createIdentity({ name: '127.0.0.1', issuer: root })

  test.each([
    ['tls_untrusted', 'signed by itself', stranger],
    ['tls_untrusted', 'of an unknown authority', createIdentity({ name: 'server', issuer: stranger, hosts })],
    ['tls_untrusted', 'without the intermediate certificate', server],
    ['tls_certificate_expired', 'expired', expired],
    ['tls_certificate_expired', 'not valid yet', notYet],
    ['tls_host_mismatch', 'for another host', elsewhere],
    ['tls_host_mismatch', 'with its host as common name only', nowhere],
  ])('%s: %s', async (errorCode, _title, identity) => {
    const config = { useSslTrustAll: false, sslKeyFile: await writePem(root.certificate) }
    const { requests, url } = await startReceiver(undefined, serves(identity))
    expect(await attemptAt(url, config)).toMatchObject({ outcome: 'retry', errorCode })
    expect(requests).toEqual([])
  })
})

describe('a client certificate', () => {
  test.each([
    ['client-ec.p12', 'client-ec'],
    ['client-ec-rc2.p12', 'client-ec'],
    ['client-ec-no-password.p12', 'client-ec'],
    ['client-rsa-java.p12', 'client-rsa'],
    ['client-rsa-rc2.p12', 'client-rsa'],
    ['two-clients.p12', 'client-ec'],
    ['client-ec.jks', 'client-ec'],
    ['client-rsa.jks', 'client-rsa'],
    ['client-and-trust.jks', 'client-ec'],
  ])('of %s is shown with its chain', async (name, commonName) => {
    const config = { useSslClientCert: true, sslKeyFile: fixture(name), sslKeyPassword: password }
    // The server knows the root only, so the intermediate certificate has to come along.
    expect(await seenClient(config, read('root.pem'))).toEqual([`${commonName} true`])
  })

  test('is shown to a server that is verified too', async () => {
    const config = {
      useSslTrustAll: false,
      useSslClientCert: true,
      sslKeyFile: fixture('client-ec.jks'),
      sslKeyPassword: password,
      sslTrustFile: fixture('trust.jks'),
    }
    expect(await seenClient(config, read('root.pem'))).toEqual(['client-ec true'])
  })

  test('of a PEM file with an encrypted key is shown', async () => {
    const key = createPrivateKey(client.privateKey)
    const encrypted = key.export({
      format: 'pem',
      type: 'pkcs8',
      cipher: 'aes-256-cbc',
      passphrase: password,
    })
    const sslKeyFile = await writePem(client.certificate, encrypted.toString())
    const config = { useSslClientCert: true, sslKeyFile, sslKeyPassword: password }
    expect(await seenClient(config, root.certificate)).toEqual(['client true'])
  })

  test.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'that a server wants and does not get is a tls_failed: %s',
    async (version) => {
      const options = { ...fixtureServer, ca: read('root.pem'), requestCert: true, maxVersion: version }
      expect(await attempt(options, {})).toMatchObject({ outcome: 'retry', errorCode: 'tls_failed' })
    },
  )

  test('that a server does not trust is a connection_reset, as Node.js says no more about it', async () => {
    const options = { ...fixtureServer, ca: read('root.pem'), requestCert: true }
    const sslKeyFile = await writePem(client.privateKey, client.certificate)
    const result = await attempt(options, { useSslClientCert: true, sslKeyFile })
    expect(result).toMatchObject({ outcome: 'retry', errorCode: 'connection_reset' })
  })
})

describe('the handshake', () => {
  test('names the host, but not an address', async () => {
    const names: string[] = []
    const { url } = await startReceiver((request, response) => {
      names.push(String((request.socket as TLSSocket).servername))
      response.end()
    }, serves(stranger))
    await attemptAt(url.replace('127.0.0.1', 'localhost'), {})
    await attemptAt(url, {})
    expect(names).toEqual(['localhost', 'false'])
  })

  test('is resumed by the next connection, which is verified too', async () => {
    const isReused: boolean[] = []
    const { url } = await startReceiver(
      (request, response) => {
        isReused.push((request.socket as TLSSocket).isSessionReused())
        response.setHeader('connection', 'close').end()
      },
      serves(server, intermediate),
    )
    const endpoint = await startEndpoint(url, {
      useSslTrustAll: false,
      sslKeyFile: await writePem(root.certificate),
    })
    await endpoint.deliver(delivery)
    expect(await endpoint.deliver(delivery)).toMatchObject({ outcome: 'delivered' })
    expect(isReused).toEqual([false, true])
  })

  test('with a server that speaks HTTP is a tls_failed', async () => {
    const { url } = await startReceiver()
    const result = await attemptAt(url.replace('http:', 'https:'), {})
    expect(result).toMatchObject({ outcome: 'retry', errorCode: 'tls_failed' })
  })

  test('that the server leaves is a connection_reset', async () => {
    const { url } = await startRawReceiver((socket) => socket.end())
    const result = await attemptAt(url.replace('http:', 'https:'), {})
    expect(result).toMatchObject({ outcome: 'retry', errorCode: 'connection_reset' })
  })
})
