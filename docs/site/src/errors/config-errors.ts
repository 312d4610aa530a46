import type { ConfigErrorCode, KeyStoreErrorCode } from '@taskhook/sender'
import { type ErrorPage, withCommon } from './error-page.ts'

const check = 'Run `taskhook check config.json`. It lists every problem with its place.'
const keyStore =
  'Run `taskhook check config.json`. It lists the certificates of each key store, and when they expire.'

/** What can be wrong with the configuration file of a sender. */
export const configErrors: Record<ConfigErrorCode, ErrorPage> = withCommon<ConfigErrorCode>(
  { source: '`ConfigError` of `@taskhook/sender`', who: 'the operator of the sender' },
  {
    config_invalid: {
      means:
        'The `webHook` section breaks its rules. `issues` has every problem with its path. Nothing was changed: after a failed `reload`, the sender goes on with what it had.',
      remedies: [
        check,
        'An unknown key is an error. The message names the nearest known key.',
        'For `"${NAME}"`, set the environment variable `NAME` for the process.',
      ],
    },
    config_missing_section: {
      means: 'The file is JSON, but it has no `webHook` section.',
      remedies: [
        'Add the section: see [the sender](../../packages/sender/README.md).',
        'Check the name of the file.',
      ],
    },
    config_not_json: {
      means: 'The file is not JSON in UTF-8. The message has the line and the column.',
      remedies: [
        check,
        'JSON has no comments and no comma after the last member.',
        'Save the file as UTF-8. Some editors on Windows save UTF-16.',
      ],
    },
    config_unreadable: {
      means: 'The file cannot be read. `cause` is the error of the file system.',
      remedies: [
        'Check the path. A relative path starts at the working directory of the process.',
        'Check that the user of the process may read it: `ls -l config.json`.',
      ],
    },
  },
)

/** What can be wrong with the key stores that a configuration names. */
export const keyStoreErrors: Record<KeyStoreErrorCode, ErrorPage> = withCommon<KeyStoreErrorCode>(
  { source: '`KeyStoreError` of `@taskhook/sender`', who: 'the operator of the sender' },
  {
    key_store_unreadable: {
      means: 'The key store cannot be read. `cause` is the error of the file system.',
      remedies: [
        'Check `sslKeyFile` and `sslTrustFile`. The message names which one.',
        'Check that the user of the process may read the file.',
      ],
    },
    key_store_password_wrong: {
      means: 'The password of the key store is wrong, or there is none and one is needed.',
      remedies: [
        'Set `sslKeyPassword` or `sslTrustPassword`.',
        'Try the password: `keytool -list -keystore <file>` or `openssl pkcs12 -info -noout -in <file>`.',
      ],
    },
    key_store_unsupported: {
      means: 'The format of the key store, or its encryption, is not supported. PEM, PKCS#12 and JKS are.',
      remedies: [
        'Convert it: `keytool -importkeystore -srckeystore <file> -destkeystore new.p12 -deststoretype PKCS12`.',
        keyStore,
      ],
    },
    key_store_malformed: {
      means: 'The file is none of PEM, PKCS#12 and JKS, or it is damaged.',
      remedies: [
        'Copy the file again, in binary mode. A file that went through a text conversion is damaged.',
        keyStore,
      ],
    },
    key_store_without_key: {
      means: '`useSslClientCert` is on, and the key store of `sslKeyFile` has no private key.',
      remedies: ['Give a key store with the private key of the client and its certificate.', keyStore],
    },
    key_store_without_certificate: {
      means: 'The key store has no certificate.',
      remedies: ['Export the certificate into the key store. A private key alone is not enough.', keyStore],
    },
    key_mismatch: {
      means: 'No certificate of the key store belongs to its private key.',
      remedies: [
        'Put the certificate that was issued for this key into the key store. After a renewal, take key and certificate from the same request.',
        keyStore,
      ],
    },
  },
)
