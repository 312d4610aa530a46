import { getHashes, hash } from 'node:crypto'
import type { Candidate } from './candidate.ts'
import { cause } from './causes.ts'
import { createHmacFunction } from './hmac-function.ts'

/** Makes a signature of a key and a message: a character a byte. */
export type Digest = (key: Buffer, message: Buffer) => string

// Where OpenSSL runs in FIPS mode, some are missing.
const known = new Set(getHashes().map((name) => name.toLowerCase()))
const otherAlgorithms = ['sha1', 'sha224', 'sha384', 'sha512', 'sha512-256', 'sha3-256', 'md5'].filter(
  (name) => known.has(name),
)
const separators = ['', '.', ':', '\n', '|', '&'].map((separator) => Buffer.from(separator))
const hmac = createHmacFunction('sha256')
const sha256 = (...parts: readonly Buffer[]): string => hash('sha256', Buffer.concat(parts), 'binary')

/** The ways in which a signature may have been made, HMAC-SHA256 first. */
export const digests: readonly Candidate<Digest>[] = [
  { value: hmac, causes: [] },
  ...['sha256', ...otherAlgorithms].map((algorithm) => ({
    value: (_key: Buffer, message: Buffer) => hash(algorithm, message, 'binary'),
    causes: [cause('digest_plain_hash', algorithm.toUpperCase())],
  })),
  ...separators.flatMap((separator) => [
    {
      value: (key: Buffer, message: Buffer) => sha256(key, separator, message),
      causes: [cause('digest_secret_appended', 'the secret first')],
    },
    {
      value: (key: Buffer, message: Buffer) => sha256(message, separator, key),
      causes: [cause('digest_secret_appended', 'the body first')],
    },
  ]),
  ...otherAlgorithms.map((algorithm) => ({
    value: createHmacFunction(algorithm),
    causes: [cause('digest_algorithm', `HMAC with ${algorithm.toUpperCase()}`)],
  })),
  { value: (key, message) => hmac(message, key), causes: [cause('digest_swapped')] },
  ...(['hex', 'base64'] as const).map((encoding) => ({
    value: (key: Buffer, message: Buffer) => hmac(key, Buffer.from(hash('sha256', message, encoding))),
    causes: [cause('digest_hashed_twice', `the ${encoding} of the body's SHA-256 was signed`)],
  })),
  {
    value: (key, message) => hmac(key, Buffer.from(sha256(message), 'latin1')),
    causes: [cause('digest_hashed_twice', "the body's SHA-256 was signed")],
  },
  {
    value: (key, message) => sha256(Buffer.from(hmac(key, message), 'latin1')),
    causes: [cause('digest_hashed_twice', 'the signature was hashed')],
  },
]
