import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import forge from 'node-forge'
import { KeyStoreFormatError } from './error.ts'
import type { KeyStore } from './parse.ts'

const { asn1, pkcs12, pki } = forge

/**
 * Reads a PKCS#12 file (RFC 7292). node-forge opens it, because the OpenSSL in Node.js cannot list the content of a
 * file, and does not know RC2-40, with which Java encrypted certificates before version 17. The result goes to
 * node:crypto as DER, because forge itself knows RSA only.
 */
export function readPkcs12(bytes: Buffer, password: string | undefined): KeyStore {
  const privateKeys: KeyObject[] = []
  const certificates: X509Certificate[] = []
  const { safeContents } = decrypt(parse(bytes), password)
  try {
    for (const bag of safeContents.flatMap(({ safeBags }) => safeBags)) {
      if (bag.type === pki.oids.certBag) certificates.push(new X509Certificate(toDer(certificateAsn1(bag))))
      else
        privateKeys.push(createPrivateKey({ key: toDer(privateKeyAsn1(bag)), format: 'der', type: 'pkcs8' }))
    }
  } catch (cause) {
    throw new KeyStoreFormatError('key_store_malformed', 'has a PKCS#12 entry that cannot be read', { cause })
  }
  return { privateKeys, certificates }
}

function parse(bytes: Buffer): forge.asn1.Asn1 {
  try {
    return asn1.fromDer(bytes.toString('latin1'))
  } catch (cause) {
    throw new KeyStoreFormatError('key_store_malformed', 'is not a complete PKCS#12 file', { cause })
  }
}

function decrypt(file: forge.asn1.Asn1, password: string | undefined): forge.pkcs12.Pkcs12Pfx {
  let failure: unknown
  for (const [candidate, withPassword] of readings(file, password)) {
    try {
      return pkcs12.pkcs12FromAsn1(candidate, false, withPassword)
    } catch (error) {
      failure = error
      if (password !== undefined && isWrongMac(error)) break
    }
  }
  throw formatError(failure, password)
}

type Reading = [file: forge.asn1.Asn1, password: string | undefined]

/** In which ways a password may be meant. */
function readings(file: forge.asn1.Asn1, password: string | undefined): Reading[] {
  // No password is written in two ways: as none at all, and as the empty one.
  if (password === undefined) {
    return [
      [file, undefined],
      [file, ''],
    ]
  }
  // A password is UTF-16 for the MAC and the old encryption (RFC 7292 appendix B.1), and UTF-8 for PBES2 (RFC 8018
  // section 3, as Java and OpenSSL have it). forge takes one string for both and its characters for bytes in the
  // second; so once it has found the MAC to be right, the rest is read without. For ASCII it is all the same.
  const withoutMac = { ...file, value: file.value.slice(0, 2) }
  return [
    [file, password],
    [withoutMac, Buffer.from(password).toString('latin1')],
  ]
}

function isWrongMac(error: unknown): boolean {
  return error instanceof Error && error.message.includes('MAC')
}

function formatError(cause: unknown, password: string | undefined): KeyStoreFormatError {
  const reason = cause instanceof Error ? cause.message : ''
  if (/MAC could not|to decrypt/.test(reason)) {
    const message =
      password === undefined ? 'needs a password, and none is set' : 'cannot be opened with this password'
    return new KeyStoreFormatError('key_store_password_wrong', message, { cause })
  }
  return /support|unknown/i.test(reason)
    ? new KeyStoreFormatError('key_store_unsupported', 'uses a feature of PKCS#12 that is not supported', {
        cause,
      })
    : new KeyStoreFormatError('key_store_malformed', 'is not a complete PKCS#12 file', { cause })
}

function certificateAsn1(bag: forge.pkcs12.Bag): forge.asn1.Asn1 {
  return bag.cert ? pki.certificateToAsn1(bag.cert) : bag.asn1
}

function privateKeyAsn1(bag: forge.pkcs12.Bag): forge.asn1.Asn1 {
  return bag.key ? pki.wrapRsaPrivateKey(pki.privateKeyToAsn1(bag.key)) : bag.asn1
}

function toDer(value: forge.asn1.Asn1): Buffer {
  return Buffer.from(asn1.toDer(value).getBytes(), 'latin1')
}
