import type { X509Certificate } from 'node:crypto'
// The whole module: `getCACertificates` is not in every supported Node.js, and importing what is missing is an error.
import tls, { type SecureContext, type SecureContextOptions } from 'node:tls'
import { clientIdentity, trustedCertificates } from './client-identity.ts'
import { KeyStoreFormatError } from './key-store/error.ts'
import type { KeyStore } from './key-store/parse.ts'
import { openKeyStore, type KeyStoreSource } from './key-store/open.ts'
import type { ResolvedWebHookConfig } from '../config/web-hook/config.ts'

/** How connections are secured; made once an endpoint. */
export interface TlsOptions {
  /** The client's certificate, if any, and the authorities that servers are verified against. */
  secureContext: SecureContext
  /** Whether a server that cannot be verified is refused. */
  rejectUnauthorized: boolean
}

/** The keys of the configuration that TLS depends on. */
export type TlsConfig = Pick<
  ResolvedWebHookConfig,
  | 'useSslTrustAll'
  | 'useSslClientCert'
  | 'sslKeyFile'
  | 'sslKeyPassword'
  | 'sslTrustFile'
  | 'sslTrustPassword'
>

/**
 * Reads and checks the key stores that the configuration uses, those that it does not use are left alone.
 * `sslKeyFile` is the client's identity with `useSslClientCert`, else what servers are verified against.
 *
 * @throws KeyStoreError
 */
export async function createTlsOptions(config: TlsConfig): Promise<TlsOptions> {
  const identity = config.useSslClientCert ? keySource(config) : undefined
  const trust = config.useSslTrustAll ? [] : trustStores(config)

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

function trustStores(config: TlsConfig): KeyStoreSource[] {
  const sources = [config.useSslClientCert ? undefined : keySource(config), trustSource(config)]
  return sources.filter((source) => source !== undefined)
}

function keySource({ sslKeyFile, sslKeyPassword }: TlsConfig): KeyStoreSource | undefined {
  if (sslKeyFile === undefined) return undefined
  return {
    configKey: 'sslKeyFile',
    file: sslKeyFile,
    password: sslKeyPassword,
    passwordKey: 'sslKeyPassword',
  }
}

function trustSource({
  sslKeyPassword,
  sslTrustFile,
  sslTrustPassword,
}: TlsConfig): KeyStoreSource | undefined {
  if (sslTrustFile === undefined) return undefined
  return {
    configKey: 'sslTrustFile',
    file: sslTrustFile,
    password: sslTrustPassword ?? sslKeyPassword,
    passwordKey: 'sslTrustPassword',
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
