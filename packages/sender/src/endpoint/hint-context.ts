import type { HintContext } from '../attempt/find-hint.ts'
import type { EndpointSettings } from '../config/endpoint-settings.ts'

/** What hints about failures depend on of an endpoint's settings. */
export function toHintContext({ key, secret, tls, url }: EndpointSettings): HintContext {
  const isTls = url.protocol === 'https:'
  return {
    hasKey: key !== undefined,
    hasSecret: secret !== undefined,
    hasClientCertificate: isTls && tls.useSslClientCert,
    isTls,
    path: url.pathname,
    port: Number(url.port) || (isTls ? 443 : 80),
  }
}
