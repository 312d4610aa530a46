export { acceptInto } from './accept-into.ts'
export { answerProblems } from './answer-problems.ts'
export { verifyWebhook } from './verify-webhook.ts'

export type { AnswerProblemsOptions } from './answer-problems.ts'
export type { WebhookLocals, WebhookRequestHandler } from './request-handler.ts'
