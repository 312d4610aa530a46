import { createPrivateKey, X509Certificate } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { clientIdentity } from './client-identity.ts'
import { createIdentity, type TestingIdentity } from '../testing/certificates.ts'

const root = createIdentity({ name: 'root', isAuthority: true })
const intermediate = createIdentity({ name: 'intermediate', issuer: root, isAuthority: true })
const client = createIdentity({ name: 'client', issuer: intermediate })
const other = createIdentity({ name: 'other', issuer: root })
const sameName = createIdentity({ name: 'intermediate', issuer: root, isAuthority: true })

const keyOf = ({ privateKey }: TestingIdentity) => createPrivateKey(privateKey)
const certificateOf = ({ certificate }: TestingIdentity) => new X509Certificate(certificate)

function identity(privateKeys: TestingIdentity[], certificates: TestingIdentity[]) {
  return clientIdentity({
    privateKeys: privateKeys.map(keyOf),
    certificates: certificates.map(certificateOf),
  })
}

describe('the client identity of a key store', () => {
  test('has the certificate of the key first and each issuer after what it issued, however they are stored', () => {
    const { privateKey, chain } = identity([client], [root, other, sameName, client, intermediate])
    expect(privateKey.equals(keyOf(client))).toBe(true)
    expect(chain.map(String)).toEqual([client, intermediate, root].map(({ certificate }) => certificate))
  })

  test('is the one of the first key', () => {
    const { privateKey, chain } = identity([other, client], [client, intermediate, other])
    expect(privateKey.equals(keyOf(other))).toBe(true)
    expect(chain.map(String)).toEqual([other.certificate])
  })

  test('may be signed by itself', () => {
    expect(identity([root], [root]).chain.map(String)).toEqual([root.certificate])
  })

  test('is refused without a key, without a certificate, and without the one that belongs to the key', () => {
    expect(() => identity([], [client])).toThrow(expect.objectContaining({ code: 'key_store_without_key' }))
    expect(() => identity([client], [])).toThrow(
      expect.objectContaining({ code: 'key_store_without_certificate' }),
    )
    expect(() => identity([client], [other, root])).toThrow(expect.objectContaining({ code: 'key_mismatch' }))
  })
})
