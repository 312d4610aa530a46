import { X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { createIdentity, fixture, writePem } from '../testing/certificates.ts'
import { listCertificates } from './list-certificates.ts'

const root = createIdentity({ name: 'root', isAuthority: true })
const client = createIdentity({
  name: 'client',
  issuer: root,
  notBefore: new Date('2026-01-01T00:00:00Z'),
  notAfter: new Date('2026-02-01T00:00:00Z'),
})
const https = { enabled: true, endpoint: 'https://127.0.0.1/automation' } as const

test('the certificates that are used are listed, with their ends', async () => {
  const sslKeyFile = await writePem(client.privateKey, root.certificate, client.certificate)
  const sslTrustFile = await writePem(root.certificate)
  const used = { ...https, useSslTrustAll: false, useSslClientCert: true, sslKeyFile, sslTrustFile }
  const rootSummary = { subject: 'root', issuer: 'root' }
  expect(await listCertificates(used)).toMatchObject([
    {
      use: 'client',
      configKey: 'sslKeyFile',
      file: sslKeyFile,
      subject: 'client',
      issuer: 'root',
      validFrom: new Date('2026-01-01T00:00:00Z'),
      validTo: new Date('2026-02-01T00:00:00Z'),
      fingerprint: new X509Certificate(client.certificate).fingerprint256,
    },
    { use: 'client', configKey: 'sslKeyFile', ...rootSummary },
    { use: 'trusted', configKey: 'sslTrustFile', file: sslTrustFile, ...rootSummary },
  ])
})

test('without a client certificate sslKeyFile is what is trusted', async () => {
  const config = {
    ...https,
    useSslTrustAll: false,
    sslKeyFile: fixture('trust.jks'),
    sslKeyPassword: 'changeit',
  }
  const uses = (await listCertificates(config)).map(({ use, configKey }) => [use, configKey])
  expect(uses).toEqual(uses.map(() => ['trusted', 'sslKeyFile']))
  expect(uses.length).toBeGreaterThan(0)
})

test('what is not used is not read', async () => {
  expect(await listCertificates({ ...https, sslTrustFile: '/does/not/exist' })).toEqual([])
  const http = {
    ...https,
    endpoint: 'http://127.0.0.1/',
    useSslTrustAll: false,
    sslTrustFile: '/does/not/exist',
  }
  expect(await listCertificates(http)).toEqual([])
})

test('a key store that cannot be used, and a section without endpoint, are refused', async () => {
  const unreadable = listCertificates({ ...https, useSslTrustAll: false, sslTrustFile: '/does/not/exist' })
  await expect(unreadable).rejects.toMatchObject({ code: 'key_store_unreadable', configKey: 'sslTrustFile' })
  await expect(listCertificates({})).rejects.toMatchObject({ code: 'option_invalid', option: 'endpoint' })
})
