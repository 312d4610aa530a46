export { ConfigError } from './config/config-error.ts'
export { createEndpoint } from './endpoint/create-endpoint.ts'
export { createSender } from './create-sender.ts'
export { KeyStoreError } from './tls/key-store/error.ts'
export { listCertificates } from './tls/list-certificates.ts'
export { loadConfig } from './config/load-config.ts'
export { parseConfig } from './config/parse-config.ts'
export { probeEndpoint } from './endpoint/probe-endpoint.ts'
export { OutboxError, openLedger } from '@taskhook/outbox'

export type { AttemptErrorCode } from './attempt/attempt-error.ts'
export type {
  AttemptResponse,
  AttemptResult,
  DeliveredAttempt,
  FailedAttempt,
  GoneAttempt,
} from './attempt/attempt-result.ts'
export type { CertificateSummary } from './tls/certificate-summary.ts'
export type { ConfigErrorCode, ConfigIssue } from './config/config-error.ts'
export type { EndpointProbe, ReachedEndpoint, UnreachedEndpoint } from './endpoint/probe-endpoint.ts'
export type { EndpointOptions } from './endpoint/create-endpoint.ts'
export type { SenderOptions } from './create-sender.ts'
export type { Delivery } from './endpoint/delivery.ts'
export type { DeliverOptions, Endpoint } from './endpoint/endpoint.ts'
export type { KeyStoreErrorCode, KeyStoreKey } from './tls/key-store/error.ts'
export type { ListedCertificate } from './tls/list-certificates.ts'
export type { IdleOptions, SendOptions, Sender, SentDelivery, StopOptions } from './sender.ts'
export type { EndpointStatus, Ledger, OutboxEndpoints, WaitsFor } from '@taskhook/outbox'
export type {
  AttemptSummary,
  DeliveryDetails,
  DeliveryFilter,
  DeliveryListFilter,
  DeliverySummary,
  LoggerLike,
  TaskDeliveries as SenderDeliveries,
} from '@taskhook/outbox/tasks'
export type { ResolvedWebHookConfig, WebHookConfig, WebHookOptions } from './config/web-hook/config.ts'
