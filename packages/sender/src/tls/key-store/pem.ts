import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { KeyStoreFormatError } from './error.ts'
import type { KeyStore } from './parse.ts'

// RFC 7468, and the older labels that OpenSSL still writes.
const block = /-----BEGIN ([A-Z0-9 ]+)-----[^]+?-----END \1-----/g
const certificateLabels = new Set(['CERTIFICATE', 'X509 CERTIFICATE', 'TRUSTED CERTIFICATE'])

/** Reads the private keys and certificates of a PEM file, in any order, with any text around them. */
export function readPem(bytes: Buffer, password: string | undefined): KeyStore {
  const privateKeys: KeyObject[] = []
  const certificates: X509Certificate[] = []
  for (const [pem, label = ''] of bytes.toString('latin1').matchAll(block)) {
    if (certificateLabels.has(label)) certificates.push(readCertificate(pem))
    else if (label.endsWith('PRIVATE KEY')) privateKeys.push(readPrivateKey(pem, password))
  }
  if (privateKeys.length + certificates.length === 0) {
    throw new KeyStoreFormatError(
      'key_store_malformed',
      'has no complete PEM block of a certificate or private key',
    )
  }
  return { privateKeys, certificates }
}

function readCertificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch (cause) {
    throw new KeyStoreFormatError('key_store_malformed', 'has a PEM certificate that cannot be read', {
      cause,
    })
  }
}

function readPrivateKey(pem: string, password: string | undefined): KeyObject {
  const isEncrypted = pem.includes('ENCRYPTED')
  if (isEncrypted && password === undefined) {
    throw new KeyStoreFormatError(
      'key_store_password_wrong',
      'has an encrypted private key, and no password is set',
    )
  }
  try {
    return createPrivateKey({ key: pem, format: 'pem', ...(isEncrypted && { passphrase: password }) })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_OSSL_EVP_UNSUPPORTED') {
      const message = 'has a private key with an encryption that OpenSSL 3 has given up'
      throw new KeyStoreFormatError('key_store_unsupported', message, { cause })
    }
    // A wrong password shows as wrong padding or, one time in a hundred, as nonsense where a key should be.
    throw isEncrypted
      ? new KeyStoreFormatError(
          'key_store_password_wrong',
          'has a private key that this password does not decrypt',
          {
            cause,
          },
        )
      : new KeyStoreFormatError('key_store_malformed', 'has a PEM private key that cannot be read', { cause })
  }
}
