export { verifyWebhook } from './verify-webhook.ts'

export type { EventOfRoute } from './request.ts'
