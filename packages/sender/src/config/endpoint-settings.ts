import type { EventType } from '@taskhook/core'
import type { TlsConfig } from '../tls/used-key-stores.ts'
import { resolveDuration } from './duration.ts'
import { endpointUrl } from './endpoint-url.ts'
import { validateConfigs } from './validate-config.ts'
import type { ConfigWithEndpoint, WebHookConfig } from './web-hook/config.ts'

/** What one section means: checked, its defaults filled in, its durations in milliseconds. The package works with these. */
export interface EndpointSettings {
  id: string
  /** Where is posted to, with the key: not for logs. */
  url: URL
  key: string | undefined
  secret: string | readonly string[] | undefined
  events: ReadonlySet<EventType>
  headers: Readonly<Record<string, string>>
  connectionTimeoutInMs: number
  responseTimeoutInMs: number
  /** The wait before each attempt, the first one included; never empty. */
  retryScheduleInMs: readonly number[]
  maxConcurrency: number
  denyPrivateNetworks: boolean
  tls: TlsConfig
}

/**
 * Reads the sections of a sender: the settings of those that are enabled, in their order.
 *
 * @throws ConfigError `config_invalid`, with every problem of every section, one that is not enabled included.
 */
export function readEndpoints(webHook: WebHookConfig | readonly WebHookConfig[]): EndpointSettings[] {
  return validateConfigs([webHook].flat())
    .filter((config) => config.enabled)
    .map(toEndpointSettings)
}

/** The settings of a section that was validated. Here, and nowhere else, a duration becomes a number. */
export function toEndpointSettings(config: ConfigWithEndpoint): EndpointSettings {
  const { endpoint, key, secret } = config
  return {
    id: config.id,
    url: endpointUrl({ endpoint, ...(key !== undefined && { key }) }),
    key,
    secret,
    events: new Set(config.events),
    headers: config.headers,
    connectionTimeoutInMs: resolveDuration(config.connectionTimeout),
    responseTimeoutInMs: resolveDuration(config.responseTimeout),
    retryScheduleInMs: config.retrySchedule.map(resolveDuration),
    maxConcurrency: config.maxConcurrency,
    denyPrivateNetworks: config.denyPrivateNetworks,
    tls: config,
  }
}
