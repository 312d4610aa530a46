import { checkGivenOptions, OptionError } from '@taskhook/core'
import type { Access } from './access/visitor.ts'
import { createJobs } from './actions/jobs.ts'
import { answer } from './http/answer.ts'
import { createLiveHub } from './live/live-hub.ts'
import { watchSources } from './live/watch-sources.ts'
import { createRedact, type RedactHook } from './redact.ts'
import { toSources, type NamedOutbox, type OutboxLike } from './sources/to-sources.ts'

/** Options of {@link createDashboard}. */
export interface DashboardOptions {
  /** What is shown: an `Outbox`, a `Sender` or an `Inbox`, or a list of them, each with a name. */
  outbox: OutboxLike | readonly NamedOutbox[]
  /**
   * Decides what a request may do: `'none'`, `'read'` or `'operate'`, or `{ level, actor }` with the name of the actor
   * for the record. Without this option, everything is refused.
   */
  access?: Access
  /**
   * The path that it is mounted on, `/webhooks` for example, where the framework hands on the whole path. Default: the root. Where the path was cut
   * off before, by Express, Hono's `mount` or a proxy, none is needed.
   */
  basePath?: string
  /** Takes out of payloads and answers what must not be seen. When it throws, nothing of the text is shown. */
  redact?: RedactHook
  /** The time, in milliseconds since 1970. Default `Date.now`. */
  now?: () => number
}

/** Answers a request with a page. Never rejects. */
export type Dashboard = (request: Request) => Promise<Response>

/**
 * Makes web pages of an outbox. They show what is broken and what happened to a task, and let an operator act on it.
 * The result is a function from a Fetch `Request` to a `Response`. `nodeListener` mounts it in Express, Fastify and
 * `node:http`.
 *
 * @throws OptionError for an option that is not known, or cannot work.
 * @example
 * const dashboard = createDashboard({ outbox: sender, access: (request) => (isOperator(request) ? 'operate' : 'none') })
 * app.use('/webhooks', nodeListener(dashboard))
 */
export function createDashboard(options: DashboardOptions): Dashboard {
  checkGivenOptions<DashboardOptions>(options, {
    outbox: true,
    access: true,
    basePath: true,
    redact: true,
    now: true,
  })
  const { outbox, access, basePath = '', redact, now = Date.now } = options
  for (const [name, value] of Object.entries({ access, redact, now })) {
    if (value !== undefined && typeof value !== 'function') throw new OptionError(name, 'must be a function')
  }
  const sources = toSources(outbox)
  const hub = createLiveHub({ watch: (listener) => watchSources(sources, listener) })
  const context = {
    sources,
    access,
    basePath: checkBasePath(basePath),
    redact: createRedact(redact),
    now,
    hub,
    jobs: createJobs({ now, onChange: () => hub.note() }),
  }
  return (request) => answer(request, context)
}

/** Without the slash at its end. */
function checkBasePath(basePath: string): string {
  const isPath = typeof basePath === 'string' && (basePath === '' || /^\/[^?#]*$/.test(basePath))
  if (!isPath) throw new OptionError('basePath', 'must be a path that begins with a slash')
  return basePath.replace(/\/+$/, '')
}
