import type { X509Certificate } from 'node:crypto'
// The whole module: `getCACertificates` is not in every supported Node.js, and importing what is missing is an error.
import tls, { type SecureContext, type SecureContextOptions } from 'node:tls'
import { clientIdentity, trustedCertificates } from './client-identity.ts'
import { KeyStoreFormatError } from './key-store/error.ts'
import type { KeyStore } from './key-store/parse.ts'
import { openKeyStore } from './key-store/open.ts'
import { usedKeyStores, type TlsConfig } from './used-key-stores.ts'

/** How connections are secured; made once an endpoint. */
export interface TlsOptions {
  /** The client's certificate, if any, and the authorities that servers are verified against. */
  secureContext: SecureContext
  /** Whether a server that cannot be verified is refused. */
  rejectUnauthorized: boolean
}

/**
 * Reads and checks the key stores that the configuration uses; those that it does not use are left alone.
 *
 * @throws KeyStoreError
 */
export async function createTlsOptions(config: TlsConfig): Promise<TlsOptions> {
  const { identity, trust } = usedKeyStores(config)

  const client = identity && (await openKeyStore(identity, (keyStore) => checked(clientOptions(keyStore))))
  const authorities = await Promise.all(
    trust.map((source) => openKeyStore(source, (keyStore) => checked(authorityOptions(keyStore)).ca)),
  )
  return {
    secureContext: tls.createSecureContext({
      ...client,
      // As in Java, each certificate of a trust store is trusted as such; OpenSSL by itself wants a root.
      ...(trust.length > 0 && { ca: authorities, allowPartialTrustChain: true }),
      ...(trust.length === 0 && !config.useSslTrustAll && { ca: systemRoots() }),
    }),
    rejectUnauthorized: !config.useSslTrustAll,
  }
}

function clientOptions(keyStore: KeyStore) {
  const { privateKey, chain } = clientIdentity(keyStore)
  return { key: privateKey.export({ format: 'pem', type: 'pkcs8' }), cert: toPem(chain) }
}

function authorityOptions(keyStore: KeyStore) {
  return { ca: toPem(trustedCertificates(keyStore)) }
}

/** Has OpenSSL look at what came from one key store, while it is known from which. */
function checked<T extends SecureContextOptions>(options: T): T {
  try {
    tls.createSecureContext(options)
    return options
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : ''
    throw new KeyStoreFormatError('key_store_unsupported', `is refused by OpenSSL (${reason})`, { cause })
  }
}

/** What this machine trusts: Node.js' own list, and since 22.15 the operating system's. */
function systemRoots(): string[] | undefined {
  if (typeof tls.getCACertificates !== 'function') return undefined
  return [...new Set([...tls.getCACertificates('default'), ...tls.getCACertificates('system')])]
}

function toPem(certificates: readonly X509Certificate[]): string {
  return certificates.map(String).join('')
}
