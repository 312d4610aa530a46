import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KeyStoreFormatError } from './error.ts'
import { parseKeyStore } from './parse.ts'
import { createIdentity } from '../../testing/certificates.ts'

const fixture = (name: string): Buffer => readFileSync(new URL(`../../../fixtures/${name}`, import.meta.url))
const certificate = (name: string): X509Certificate => new X509Certificate(fixture(`${name}.pem`))
const fingerprints = (certificates: readonly X509Certificate[]): string[] =>
  certificates.map(({ fingerprint256 }) => fingerprint256)

const password = 'changeit'
const chain = ['intermediate', 'root']

/** The code that reading fails with. */
function failure(bytes: Buffer, withPassword?: string): string | undefined {
  try {
    parseKeyStore(bytes, withPassword)
  } catch (error) {
    if (error instanceof KeyStoreFormatError) return error.code
    throw error
  }
  return undefined
}

describe('a key store with a key', () => {
  test.each([
    ['client-ec.p12', 'OpenSSL 3', password],
    ['client-rsa-java.p12', 'Java 17', password],
    ['client-rsa-rc2.p12', 'Java before 17, RC2-40', password],
    ['client-ec-rc2.p12', 'OpenSSL 1, RC2-40', password],
    ['client-ec-no-password.p12', 'neither encrypted nor authenticated', undefined],
    ['client-ec-no-password.p12', 'a password that is not needed', 'unused'],
    ['client-umlaut-password.p12', 'a password beyond ASCII', 'pässwörd€'],
    ['client-ec.jks', 'JKS', password],
    ['client-rsa.jks', 'JKS', password],
  ])('%s: gives key and chain (%s)', (file, _writtenBy, withPassword) => {
    const client = certificate(file.startsWith('client-rsa') ? 'client-rsa' : 'client-ec')
    const { privateKeys, certificates } = parseKeyStore(fixture(file), withPassword)
    expect(privateKeys).toHaveLength(1)
    expect(client.checkPrivateKey(privateKeys[0] as never)).toBe(true)
    expect(fingerprints(certificates)).toEqual(fingerprints([client, ...chain.map(certificate)]))
  })

  test('two-clients.p12: gives both keys in the order of the entries', () => {
    const { privateKeys, certificates } = parseKeyStore(fixture('two-clients.p12'), password)
    expect(privateKeys.map(({ asymmetricKeyType }) => asymmetricKeyType)).toEqual(['ec', 'rsa'])
    expect(certificates).toHaveLength(6)
  })

  test('client-and-trust.jks: gives the key, its chain and the trusted certificates', () => {
    const { privateKeys, certificates } = parseKeyStore(fixture('client-and-trust.jks'), password)
    expect(privateKeys).toHaveLength(1)
    expect(certificates).toHaveLength(5)
  })
})

describe('a key store with certificates only', () => {
  test.each([
    ['trust-java.p12', password],
    ['trust-rc2.p12', password],
    ['trust-no-password.p12', undefined],
    ['trust.jks', password],
    ['trust.jks', undefined],
  ])('%s: gives them (password %s)', (file, withPassword) => {
    const { privateKeys, certificates } = parseKeyStore(fixture(file), withPassword)
    expect(privateKeys).toEqual([])
    expect(fingerprints(certificates).toSorted()).toEqual(fingerprints(chain.map(certificate)).toSorted())
  })

  test('a single DER certificate, as keytool -exportcert writes it, gives that', () => {
    const root = certificate('root')
    const { privateKeys, certificates } = parseKeyStore(root.raw, undefined)
    expect([privateKeys, fingerprints(certificates)]).toEqual([[], [root.fingerprint256]])
  })
})

describe('a PEM file', () => {
  const identity = createIdentity({ name: 'client' })
  const key = createPrivateKey(identity.privateKey)
  const encrypted = key.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: password })
  const encryptedSec1 = key.export({
    format: 'pem',
    type: 'sec1',
    cipher: 'aes-128-cbc',
    passphrase: password,
  })
  const sec1 = key.export({ format: 'pem', type: 'sec1' })

  test.each([
    ['plain PKCS#8', identity.privateKey, undefined],
    ['plain PKCS#8, with a password that is not needed', identity.privateKey, 'unused'],
    ['encrypted PKCS#8', encrypted, password],
    ['SEC 1 (BEGIN EC PRIVATE KEY)', sec1, undefined],
    ['encrypted SEC 1 (DEK-Info)', encryptedSec1, password],
  ])('gives the key: %s', (_title, pem, withPassword) => {
    const { privateKeys } = parseKeyStore(
      Buffer.from(`${pem.toString()}${identity.certificate}`),
      withPassword,
    )
    expect(privateKeys.map((privateKey) => privateKey.equals(key))).toEqual([true])
  })

  test('gives what is between other text, with line breaks of Windows and a byte order mark', () => {
    const text = `\u{feff}subject=CN = client\n${identity.certificate}\nBag Attributes\n${identity.privateKey}`
    const { privateKeys, certificates } = parseKeyStore(Buffer.from(text.replaceAll('\n', '\r\n')), undefined)
    expect([privateKeys.length, certificates.length]).toEqual([1, 1])
  })

  test('with an encrypted key needs the password', () => {
    expect(failure(Buffer.from(encrypted))).toBe('key_store_password_wrong')
    expect(failure(Buffer.from(encrypted), 'wrong')).toBe('key_store_password_wrong')
    expect(failure(Buffer.from(encryptedSec1))).toBe('key_store_password_wrong')
    expect(failure(Buffer.from(encryptedSec1), 'wrong')).toBe('key_store_password_wrong')
  })

  test('with a key under an encryption of old is not supported', () => {
    expect(failure(fixture('client-ec-des.pem'), password)).toBe('key_store_unsupported')
  })

  test.each([
    ['no block', '-----BEGIN '],
    ['a cut block', identity.certificate.slice(0, -20)],
    ['a certificate that is none', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'],
    ['a key that is none', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'],
  ])('with %s is malformed', (_title, pem) => {
    expect(failure(Buffer.from(pem))).toBe('key_store_malformed')
  })
})

describe('a password', () => {
  test.each([
    'client-ec.p12',
    'client-ec-rc2.p12',
    'client-umlaut-password.p12',
    'trust-java.p12',
    'client-ec.jks',
  ])('%s: is wrong, or missing', (file) => {
    for (const wrong of ['', 'wrong', 'wröng', undefined]) {
      expect([wrong, failure(fixture(file), wrong)]).toEqual([wrong, 'key_store_password_wrong'])
    }
  })

  test('of a JKS entry must be that of the store', () => {
    expect(failure(fixture('client-other-key-password.jks'), password)).toBe('key_store_password_wrong')
    expect(failure(fixture('client-other-key-password.jks'), 'different')).toBe('key_store_password_wrong')
  })
})

describe('a file of another kind', () => {
  test.each([
    ['nothing', Buffer.alloc(0), 'key_store_malformed'],
    ['text', Buffer.from('not a key store'), 'key_store_malformed'],
    ['other DER', Buffer.from('3003020103', 'hex'), 'key_store_malformed'],
    ['JCEKS', Buffer.from('cececece00000002', 'hex'), 'key_store_unsupported'],
  ])('%s is refused', (_title, bytes, code) => {
    expect(failure(bytes, password)).toBe(code)
  })

  test.each(['client-ec.p12', 'client-ec-no-password.p12', 'client-ec.jks', 'trust.jks'])(
    '%s cut off anywhere is refused with a code',
    (file) => {
      const bytes = fixture(file)
      const cut = fc.integer({ min: 0, max: bytes.length - 1 })
      fc.assert(
        fc.property(cut, (length) => {
          expect(failure(bytes.subarray(0, length))).toBeDefined()
        }),
      )
    },
  )

  test('a damaged JKS file is refused when there is a password to check it with', () => {
    const bytes = fixture('trust.jks')
    const at = fc.integer({ min: 4, max: bytes.length - 1 })
    fc.assert(
      fc.property(at, (index) => {
        const damaged = Buffer.from(bytes)
        damaged.writeUInt8(damaged.readUInt8(index) ^ 1, index)
        expect(failure(damaged, password)).toBe('key_store_password_wrong')
      }),
    )
  })
})
