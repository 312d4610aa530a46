import { readFile } from 'node:fs/promises'
import { KeyStoreError, KeyStoreFormatError, type KeyStoreErrorCode, type KeyStoreKey } from './error.ts'
import type { KeyStore } from './parse.ts'

/** A key store of the configuration, and the keys that configure it. */
export interface KeyStoreSource {
  configKey: KeyStoreKey
  file: string
  password: string | undefined
  /** The key of the configuration to look at when the password is wrong. */
  passwordKey: string
}

/**
 * Reads a key store and takes from it what is needed of it.
 *
 * @throws KeyStoreError
 */
export async function openKeyStore<T>(
  { configKey, file, password, passwordKey }: KeyStoreSource,
  take: (keyStore: KeyStore) => T,
): Promise<T> {
  let bytes: Buffer
  try {
    bytes = await readFile(file)
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : ''
    throw new KeyStoreError(
      'key_store_unreadable',
      `cannot be read${reason}: check the path and its permissions`,
      {
        cause,
        configKey,
        file,
      },
    )
  }
  // Not before it is needed: node-forge takes memory and time to load, and most endpoints have no key store.
  const { parseKeyStore } = await import('./parse.ts')
  try {
    return take(parseKeyStore(bytes, password))
  } catch (cause) {
    if (!(cause instanceof KeyStoreFormatError)) throw cause
    throw new KeyStoreError(cause.code, `${cause.message}${advice(cause.code, passwordKey)}`, {
      cause,
      configKey,
      file,
    })
  }
}

function advice(code: KeyStoreErrorCode, passwordKey: string): string {
  switch (code) {
    case 'key_store_password_wrong':
      return `: check ${passwordKey}`
    case 'key_store_unsupported':
      return ': make it anew with a current keytool or openssl'
    case 'key_store_malformed':
      return ': PEM, PKCS#12 and JKS are read'
    default:
      return ''
  }
}
