import type { Visitor } from '../access/visitor.ts'
import type { Jobs } from '../actions/jobs.ts'
import type { Html } from '../html.ts'
import type { Redact } from '../redact.ts'
import type { Source } from '../sources/source.ts'

/** What a page is made of. */
export interface PageContext {
  params: URLSearchParams
  sources: readonly Source[]
  visitor: Visitor
  jobs: Jobs
  redact: Redact
  /** Milliseconds since 1970. */
  now: number
}

/** What a page has of its own. */
export interface PageContent {
  title: string
  main: Html
  /** Default 200. */
  status?: number
  /** Seconds after which a browser without scripts loads it again. */
  refreshInSeconds?: number
  /** Default: it is kept right while it is open. */
  isLive?: false
}

/** Makes a page. What it rejects with is taken for an outbox that is away. */
export type Page = (context: PageContext) => Promise<PageContent>
