import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createEndpoint } from '../../endpoint/create-endpoint.ts'
import { createIdentity, fixture, writePem } from '../../testing/certificates.ts'
import { startEndpoint } from '../../testing/endpoint.ts'

const password = 'changeit'
const root = createIdentity({ name: 'root', isAuthority: true })
const client = createIdentity({ name: 'client', issuer: root })

describe('an endpoint is not created', () => {
  const clientOnly = { useSslClientCert: true }
  const verify = { useSslTrustAll: false }

  test.each([
    ['key_store_unreadable', { ...verify, sslKeyFile: fixture('missing.p12') }, 'ENOENT'],
    ['key_store_unreadable', { ...verify, sslTrustFile: fixture('.') }, 'EISDIR'],
    [
      'key_store_password_wrong',
      { ...verify, sslKeyFile: fixture('trust-java.p12') },
      'check sslKeyPassword',
    ],
    [
      'key_store_password_wrong',
      { ...clientOnly, sslKeyFile: fixture('client-ec.p12'), sslKeyPassword: 'hunter2' },
      'check sslKeyPassword',
    ],
    [
      'key_store_password_wrong',
      { ...clientOnly, sslKeyFile: fixture('client-ec.jks'), sslKeyPassword: 'hunter2' },
      'check sslKeyPassword',
    ],
    [
      'key_store_unsupported',
      { ...clientOnly, sslKeyFile: fixture('client-ec-des.pem'), sslKeyPassword: password },
      'make it anew',
    ],
    ['key_store_malformed', { ...verify, sslKeyFile: fixture('README.md') }, 'PEM, PKCS#12 and JKS are read'],
    ['key_store_without_key', { ...clientOnly, sslKeyFile: fixture('root.pem') }, 'no private key'],
  ])('%s: %j', async (code, config, message) => {
    const creation = createEndpoint({ ...config, enabled: true, endpoint: 'https://www.example.org' })
    const configKey = 'sslTrustFile' in config ? 'sslTrustFile' : 'sslKeyFile'
    const path = Object.entries(config).find(([key]) => key === configKey)?.[1]
    await expect(creation).rejects.toMatchObject({
      name: 'KeyStoreError',
      code,
      configKey,
      file: path,
      message: expect.stringMatching(
        new RegExp(`^${configKey}: ${String(path)} (?!.*hunter2).*${message}`),
      ) as string,
    })
  })

  test('key_store_without_certificate, key_mismatch: a key without its certificate', async () => {
    const config = { ...clientOnly, enabled: true, endpoint: 'https://www.example.org' } as const
    const keyOnly = createEndpoint({ ...config, sslKeyFile: await writePem(client.privateKey) })
    await expect(keyOnly).rejects.toMatchObject({ code: 'key_store_without_certificate' })
    const other = createEndpoint({
      ...config,
      sslKeyFile: await writePem(client.privateKey, root.certificate),
    })
    await expect(other).rejects.toMatchObject({ code: 'key_mismatch' })
  })

  test('key_store_unsupported: a key too short for OpenSSL', async () => {
    const keyPair = generateKeyPairSync('rsa', { modulusLength: 1024 })
    const weak = createIdentity({ name: 'weak', issuer: root, keyPair })
    const sslKeyFile = await writePem(weak.privateKey, weak.certificate)
    const creation = createEndpoint({
      ...clientOnly,
      sslKeyFile,
      enabled: true,
      endpoint: 'https://www.example.org',
    })
    await expect(creation).rejects.toMatchObject({
      code: 'key_store_unsupported',
      configKey: 'sslKeyFile',
      message: expect.stringContaining('key too small') as string,
    })
  })

  test('is not true of files that are not used', async () => {
    const missing = { sslKeyFile: fixture('missing.p12'), sslTrustFile: fixture('missing.p12') }
    const endpoints = [
      await startEndpoint('https://www.example.org', missing),
      await startEndpoint('http://www.example.org', { ...missing, ...verify }),
    ]
    expect(endpoints).toHaveLength(2)
  })
})
