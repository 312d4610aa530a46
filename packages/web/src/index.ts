export { acceptInto } from './accept-into.ts'
export { verifyWebhook } from './verify-webhook.ts'
export { webhookHandler } from './webhook-handler.ts'

export type { WebhookHandlerOptions, WebhookRequestHandler } from './webhook-handler.ts'
