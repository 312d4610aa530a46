export { ConfigError } from './config-error.ts'
export { createEndpoint } from './create-endpoint.ts'
export { createSender } from './create-sender.ts'
export { KeyStoreError } from './key-store-error.ts'
export { loadConfig } from './load-config.ts'
export { parseConfig } from './parse-config.ts'
export { OutboxError } from '@taskhook/outbox'

export type { AttemptErrorCode } from './attempt-error.ts'
export type {
  AttemptResponse,
  AttemptResult,
  DeliveredAttempt,
  FailedAttempt,
  GoneAttempt,
} from './attempt-result.ts'
export type { ConfigErrorCode, ConfigIssue } from './config-error.ts'
export type { EndpointOptions } from './create-endpoint.ts'
export type { SenderOptions } from './create-sender.ts'
export type { Delivery } from './delivery.ts'
export type { Endpoint } from './endpoint.ts'
export type { KeyStoreErrorCode, KeyStoreKey } from './key-store-error.ts'
export type { LoggerLike } from './log-messages.ts'
export type { Outbox } from './open-outbox.ts'
export type {
  AttemptSummary,
  DeliveryDetails,
  DeliveryFilter,
  DeliveryListFilter,
  DeliverySummary,
  EndpointStatus,
  SendOptions,
  Sender,
  SenderDeliveries,
  SenderEndpoints,
} from './sender.ts'
export type { ResolvedWebHookConfig, WebHookConfig, WebHookOptions } from './web-hook-config.ts'
