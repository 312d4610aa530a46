import { toEndpointSettings } from '../config/endpoint-settings.ts'
import { validateEndpoint } from '../config/validate-config.ts'
import type { WebHookConfig } from '../config/web-hook/config.ts'
import { summarizeCertificate, type CertificateSummary } from './certificate-summary.ts'
import { clientIdentity, trustedCertificates } from './client-identity.ts'
import type { KeyStoreKey } from './key-store/error.ts'
import { openKeyStore, type KeyStoreSource } from './key-store/open.ts'
import { createTlsOptions } from './tls-options.ts'
import { usedKeyStores } from './used-key-stores.ts'

/** A certificate in a key store of the configuration. */
export interface ListedCertificate extends CertificateSummary {
  /** `client`: this side shows it. `trusted`: servers are verified against it. */
  use: 'client' | 'trusted'
  /** The key of the configuration that names the file. */
  configKey: KeyStoreKey
  file: string
}

/**
 * Lists the certificates that an endpoint's configuration uses, to see when they expire. The key stores are checked as
 * `createEndpoint` checks them. An `http:` endpoint uses none.
 *
 * @throws ConfigError when the configuration is invalid.
 * @throws OptionError when it has no `endpoint`.
 * @throws KeyStoreError when a key store cannot be used.
 * @example
 * const certificates = await listCertificates(config)
 * const expired = certificates.filter(({ validTo }) => validTo < new Date())
 */
export async function listCertificates(config: WebHookConfig): Promise<ListedCertificate[]> {
  const { tls, url } = toEndpointSettings(validateEndpoint(config))
  if (url.protocol !== 'https:') return []
  const { identity, trust } = usedKeyStores(tls)
  const listed = await Promise.all([
    ...(identity === undefined ? [] : [list(identity, 'client')]),
    ...trust.map((source) => list(source, 'trusted')),
  ])
  // For what OpenSSL alone finds: an authority's key that is too short, for one.
  await createTlsOptions(tls)
  return listed.flat()
}

function list(source: KeyStoreSource, use: ListedCertificate['use']): Promise<ListedCertificate[]> {
  const { configKey, file } = source
  return openKeyStore(source, (keyStore) => {
    const certificates = use === 'client' ? clientIdentity(keyStore).chain : trustedCertificates(keyStore)
    return certificates.map((certificate) =>
      Object.assign(summarizeCertificate(certificate), { use, configKey, file }),
    )
  })
}
