import type { Access } from '../access/visitor.ts'
import type { Jobs } from '../actions/jobs.ts'
import type { LiveHub } from '../live/live-hub.ts'
import type { Redact } from '../redact.ts'
import type { Source } from '../sources/source.ts'

/** What every request is answered from. */
export interface AnswerContext {
  sources: readonly Source[]
  access: Access | undefined
  /** Without a slash at its end. */
  basePath: string
  redact: Redact
  jobs: Jobs
  hub: LiveHub
  /** Milliseconds since 1970. */
  now: () => number
}
