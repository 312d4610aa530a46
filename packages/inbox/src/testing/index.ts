export { recordWebhooks } from './recorder.ts'
export { openInbox, startInbox } from './test-inbox.ts'
export { verified } from './verified.ts'

export type { Recorder } from './recorder.ts'
