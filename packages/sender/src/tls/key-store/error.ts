import { TaskhookError } from '@taskhook/core'

/** The codes of a {@link KeyStoreError}. */
export type KeyStoreErrorCode =
  | 'key_store_unreadable'
  | 'key_store_password_wrong'
  | 'key_store_unsupported'
  | 'key_store_malformed'
  | 'key_store_without_key'
  | 'key_store_without_certificate'
  | 'key_mismatch'

/** The key of the configuration that names a key store. */
export type KeyStoreKey = 'sslKeyFile' | 'sslTrustFile'

/**
 * A key store of the configuration that cannot be used, told when the endpoint is created.
 *
 * | `code` | when |
 * | --- | --- |
 * | `key_store_unreadable` | the file cannot be read; `cause` is the error of the file system |
 * | `key_store_password_wrong` | the password is wrong, or there is none and one is needed |
 * | `key_store_unsupported` | a format or an encryption that is not read |
 * | `key_store_malformed` | none of the formats, or a damaged file |
 * | `key_store_without_key` | no private key for the client certificate |
 * | `key_store_without_certificate` | no certificate |
 * | `key_mismatch` | no certificate belongs to the private key |
 */
export class KeyStoreError extends TaskhookError {
  static override readonly errorName: string = 'KeyStoreError'
  declare readonly code: KeyStoreErrorCode
  /** The key of the `webHook` section that names the file. */
  readonly configKey: KeyStoreKey
  readonly file: string

  constructor(
    code: KeyStoreErrorCode,
    message: string,
    { configKey, file, ...options }: ErrorOptions & { configKey: KeyStoreKey; file: string },
  ) {
    super(code, `${configKey}: ${file} ${message}`, options)
    this.configKey = configKey
    this.file = file
  }
}

/** What is wrong with the bytes of a key store, before it is known which file they come from. */
export class KeyStoreFormatError extends Error {
  readonly code: KeyStoreErrorCode

  constructor(code: KeyStoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'KeyStoreFormatError'
    this.code = code
  }
}
