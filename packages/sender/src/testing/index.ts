export { createIdentity, fixture, writePem } from './certificates.ts'
export { answeredWith, attemptAt, delivery, shortTimeouts, startEndpoint } from './endpoint.ts'
export { startRawReceiver, startReceiver } from './receiver.ts'
export { afterAttempts, event, nextMessage, openSender, outboxFile, section, startSender } from './sender.ts'

export type { IdentityOptions, TestingIdentity } from './certificates.ts'
export type { ReceivedRequest, Receiver } from './receiver.ts'
