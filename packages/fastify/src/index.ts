export { acceptInto } from './accept-into.ts'
export { verifyWebhook } from './verify-webhook.ts'

export type { EventOfRoute } from './request.ts'
