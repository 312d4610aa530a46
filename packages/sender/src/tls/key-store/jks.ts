import { createHash, createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import forge from 'node-forge'
import { KeyStoreFormatError } from './error.ts'
import type { KeyStore } from './parse.ts'

const { asn1 } = forge

const privateKeyTag = 1
const trustedCertificateTag = 2
const digestLength = 20

/**
 * Reads a JKS file, Java's own format until Java 8. Our own reader, because the package for it (jks-js 1.1) takes every
 * key that is neither EC nor DSA for RSA, an Ed25519 one too, and brings a second implementation of RSA with it.
 *
 * The format is documented where Java reads it: sun.security.provider.JavaKeyStore and KeyProtector.
 */
export function readJks(bytes: Buffer, password: string | undefined): KeyStore {
  const digestAt = bytes.length - digestLength
  if (password !== undefined) verifyDigest(bytes.subarray(0, digestAt), bytes.subarray(digestAt), password)
  const privateKeys: KeyObject[] = []
  const certificates: X509Certificate[] = []
  try {
    const reader = createReader(bytes)
    reader.uint32() // the magic number
    const version = reader.uint32()
    const certificate = () => {
      if (version > 1) reader.string() // the type, always X.509
      return new X509Certificate(reader.bytes(reader.uint32()))
    }
    const entryCount = reader.uint32()
    for (let entry = 0; entry < entryCount; entry += 1) {
      const tag = reader.uint32()
      reader.string() // the alias
      reader.bytes(8) // the date
      if (tag === privateKeyTag) {
        privateKeys.push(readPrivateKey(reader.bytes(reader.uint32()), password))
        const chainLength = reader.uint32()
        for (let index = 0; index < chainLength; index += 1) certificates.push(certificate())
      } else if (tag === trustedCertificateTag) {
        certificates.push(certificate())
      } else {
        throw new RangeError(`entry ${entry} has the unknown tag ${tag}`)
      }
    }
    reader.bytes(digestLength)
  } catch (cause) {
    if (cause instanceof KeyStoreFormatError) throw cause
    throw new KeyStoreFormatError('key_store_malformed', 'is not a complete JKS file', { cause })
  }
  return { privateKeys, certificates }
}

interface Reader {
  uint32(): number
  bytes(length: number): Buffer
  /** A string with its length before it, as bytes. No code here depends on its content. */
  string(): Buffer
}

function createReader(buffer: Buffer): Reader {
  let offset = 0
  const bytes = (length: number): Buffer => {
    if (length > buffer.length - offset) throw new RangeError('the file ends within an entry')
    offset += length
    return buffer.subarray(offset - length, offset)
  }
  return {
    bytes,
    uint32: () => bytes(4).readUInt32BE(),
    string: () => bytes(bytes(2).readUInt16BE()),
  }
}

function sha1(...parts: readonly (Buffer | string)[]): Buffer {
  const hash = createHash('sha1')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

function passwordBytes(password: string): Buffer {
  return Buffer.from(password, 'utf16le').swap16()
}

function verifyDigest(content: Buffer, digest: Buffer, password: string): void {
  if (!sha1(passwordBytes(password), 'Mighty Aphrodite', content).equals(digest)) {
    throw new KeyStoreFormatError(
      'key_store_password_wrong',
      'cannot be opened: the password is wrong, or the file is damaged',
    )
  }
}

/** Undoes the key protector of Sun: a key stream of chained SHA-1 over password and salt, and a digest to check it. */
function readPrivateKey(encryptedPrivateKeyInfo: Buffer, password: string | undefined): KeyObject {
  if (password === undefined) {
    throw new KeyStoreFormatError(
      'key_store_password_wrong',
      'has an encrypted private key, and no password is set',
    )
  }
  const [, octets] = asn1.fromDer(encryptedPrivateKeyInfo.toString('latin1')).value as forge.asn1.Asn1[]
  const protectedKey = Buffer.from(octets?.value as string, 'latin1')
  const salt = protectedKey.subarray(0, digestLength)
  const encrypted = protectedKey.subarray(digestLength, -digestLength)
  const key = passwordBytes(password)
  const plain = Buffer.alloc(encrypted.length)
  let stream: Buffer = salt
  for (let offset = 0; offset < encrypted.length; offset += 1) {
    const position = offset % digestLength
    if (position === 0) stream = sha1(key, stream)
    plain[offset] = (encrypted[offset] as number) ^ (stream[position] as number)
  }
  if (!sha1(key, plain).equals(protectedKey.subarray(-digestLength))) {
    throw new KeyStoreFormatError(
      'key_store_password_wrong',
      'has a private key with another password: give it the password of the key store (keytool -keypasswd)',
    )
  }
  return createPrivateKey({ key: plain, format: 'der', type: 'pkcs8' })
}
