import type { EventType } from '@taskhook/core'

/**
 * One endpoint as the `webHook` section describes it, in the section's own names and style: durations are ISO-8601
 * strings. Every key is optional, except `endpoint` when `enabled` is true.
 *
 * @example
 * const config: WebHookConfig = { enabled: true, endpoint: 'https://www.example.org/automation', secret }
 */
export type WebHookConfig = WebHookOptions &
  (
    | {
        /** The whole feature. Default `false`. */
        enabled: true
        /** Where to POST: an absolute `http:` or `https:` URL without user name, password and fragment. */
        endpoint: string
      }
    | { enabled?: false; endpoint?: string }
  )

/** {@link WebHookConfig} with its defaults filled in, as the functions that check one return it. */
export type ResolvedWebHookConfig = WebHookOptions &
  Required<Pick<WebHookOptions, DefaultedKey>> &
  ({ enabled: true; endpoint: string; id: string } | { enabled: false; endpoint?: string; id?: string })

/** A section that has an endpoint, as it is after validation. */
export type ConfigWithEndpoint = ResolvedWebHookConfig & { endpoint: string; id: string }

type DefaultedKey =
  | 'connectionTimeout'
  | 'denyPrivateNetworks'
  | 'events'
  | 'headers'
  | 'maxConcurrency'
  | 'responseTimeout'
  | 'retrySchedule'
  | 'useSslClientCert'
  | 'useSslTrustAll'

/** The keys of {@link WebHookConfig} that may be left out whether or not it is enabled. */
export interface WebHookOptions {
  /**
   * The endpoint's name in the ledger and in logs, 1 to 255 characters, its own among all sections.
   * Default: host and path of `endpoint`.
   */
  id?: string
  /** Appended to `endpoint` as the query parameter `key`, to tell installations apart. */
  key?: string
  /** How long connecting may take, TLS included. ISO-8601 duration, more than zero. Default `PT30S`. */
  connectionTimeout?: string
  /** How long the whole attempt may take. ISO-8601 duration, more than zero. Default `PT30S`. */
  responseTimeout?: string
  /**
   * Turns the signature headers on. Several, current first and then previous ones, rotate a secret.
   * Default: requests are not signed.
   */
  secret?: string | readonly string[]
  /** Accept any server certificate: to get started and for test. Default `true`. */
  useSslTrustAll?: boolean
  /** Present the certificate of `sslKeyFile` to the server. Default `false`. */
  useSslClientCert?: boolean
  /**
   * Key store (PEM, PKCS#12 or JKS): the client's identity with `useSslClientCert`, else what the server is verified
   * against when `useSslTrustAll` is false.
   */
  sslKeyFile?: string
  /** Password of `sslKeyFile`, and of `sslTrustFile` unless that has its own. */
  sslKeyPassword?: string
  /** Trusted certificates (PEM, PKCS#12 or JKS), when the client authenticates. Default: those of the system. */
  sslTrustFile?: string
  /** Password of `sslTrustFile` when it differs from `sslKeyPassword`. */
  sslTrustPassword?: string
  /** The events to send. Default: all ten. */
  events?: readonly EventType[]
  /** Headers to add to each request. Those that the sender or HTTP itself sets are refused. Default: none. */
  headers?: Readonly<Record<string, string>>
  /**
   * The wait before each attempt, also before the first, as ISO-8601 durations. There are as many attempts as entries.
   * Default, from Standard Webhooks: 0 s, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h.
   *
   * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
   */
  retrySchedule?: readonly string[]
  /** How many requests may be under way at once, 1 to 1000. Default 10. */
  maxConcurrency?: number
  /** Refuse to connect to private, loopback and link-local addresses. Default `false`. */
  denyPrivateNetworks?: boolean
}
