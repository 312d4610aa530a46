import { X509Certificate, type KeyObject } from 'node:crypto'
import { KeyStoreFormatError } from './error.ts'
import { readJks } from './jks.ts'
import { readPem } from './pem.ts'
import { readPkcs12 } from './pkcs12.ts'

/** What a key store holds, in the order of its entries. */
export interface KeyStore {
  privateKeys: KeyObject[]
  certificates: X509Certificate[]
}

const jks = 0xfeedfeed
const jceks = 0xcececece
const derSequence = 0x30

/**
 * Reads PEM, PKCS#12, JKS or a single DER certificate, told apart by their content: file names say little (`.crt` is
 * PEM or DER, `.keystore` and `.store` are JKS or PKCS#12, and Java 9 changed what it writes under the same name).
 *
 * @throws KeyStoreFormatError
 */
export function parseKeyStore(bytes: Buffer, password: string | undefined): KeyStore {
  const magic = bytes.length >= 4 ? bytes.readUInt32BE() : 0
  if (magic === jks) return readJks(bytes, password)
  if (magic === jceks) throw new KeyStoreFormatError('key_store_unsupported', 'is a JCEKS key store')
  if (bytes.includes('-----BEGIN ')) return readPem(bytes, password)
  if (bytes[0] !== derSequence) {
    throw new KeyStoreFormatError('key_store_malformed', 'is neither PEM, PKCS#12, JKS nor a certificate')
  }
  const certificate = derCertificate(bytes)
  return certificate === undefined
    ? readPkcs12(bytes, password)
    : { privateKeys: [], certificates: [certificate] }
}

function derCertificate(bytes: Buffer): X509Certificate | undefined {
  try {
    return new X509Certificate(bytes)
  } catch {
    return undefined
  }
}
