export { verifyWebhook } from './verify-webhook.ts'

export type { WebhookLocals, WebhookRequestHandler } from './request-handler.ts'
