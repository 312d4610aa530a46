import type { ResolvedWebHookConfig } from '../config/web-hook/config.ts'
import type { KeyStoreSource } from './key-store/open.ts'

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

/** The key stores that a configuration uses; what it names and does not use is left alone. */
export interface UsedKeyStores {
  /** What the client shows of itself. */
  identity: KeyStoreSource | undefined
  /** What servers are verified against. None: the roots of the system, or nothing with `useSslTrustAll`. */
  trust: readonly KeyStoreSource[]
}

/** `sslKeyFile` is the client's identity with `useSslClientCert`, else what servers are verified against. */
export function usedKeyStores(config: TlsConfig): UsedKeyStores {
  const identity = config.useSslClientCert ? keySource(config) : undefined
  if (config.useSslTrustAll) return { identity, trust: [] }
  const sources = [config.useSslClientCert ? undefined : keySource(config), trustSource(config)]
  return { identity, trust: sources.filter((source) => source !== undefined) }
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
