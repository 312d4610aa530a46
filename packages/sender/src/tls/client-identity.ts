import type { KeyObject, X509Certificate } from 'node:crypto'
import { KeyStoreFormatError } from './key-store/error.ts'
import type { KeyStore } from './key-store/parse.ts'

/** What a client shows of itself: its key, and its certificate followed by those that lead to an authority. */
export interface ClientIdentity {
  privateKey: KeyObject
  chain: X509Certificate[]
}

/**
 * The identity in a key store: the first private key with the certificate that belongs to it, and the issuers of that
 * as far as the store has them. By what the certificates say, not by where they are: PEM files come in any order, and
 * TLS wants each certificate to be followed by its issuer.
 *
 * @throws KeyStoreFormatError
 */
export function clientIdentity({ privateKeys, certificates }: KeyStore): ClientIdentity {
  const [privateKey] = privateKeys
  if (privateKey === undefined) {
    throw new KeyStoreFormatError(
      'key_store_without_key',
      'has no private key, which a client certificate needs',
    )
  }
  trustedCertificates({ certificates })
  const leaf = certificates.find((certificate) => certificate.checkPrivateKey(privateKey))
  if (leaf === undefined) {
    throw new KeyStoreFormatError('key_mismatch', 'has no certificate that belongs to its private key')
  }
  return { privateKey, chain: buildChain(leaf, certificates) }
}

/**
 * The certificates of a key store to verify a server against.
 *
 * @throws KeyStoreFormatError when there is none.
 */
export function trustedCertificates({ certificates }: Pick<KeyStore, 'certificates'>): X509Certificate[] {
  if (certificates.length > 0) return certificates
  throw new KeyStoreFormatError('key_store_without_certificate', 'has no certificate')
}

function buildChain(leaf: X509Certificate, certificates: readonly X509Certificate[]): X509Certificate[] {
  const chain = [leaf]
  const rest = new Set(certificates)
  for (let last: X509Certificate | undefined = leaf; last !== undefined && !last.checkIssued(last);) {
    rest.delete(last)
    const subject: X509Certificate = last
    last = [...rest].find(
      (candidate) => subject.checkIssued(candidate) && subject.verify(candidate.publicKey),
    )
    if (last !== undefined) chain.push(last)
  }
  return chain
}
