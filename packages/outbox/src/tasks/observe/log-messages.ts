import type { AttemptedFacts, Notice, NoticeSource } from './notice.ts'
import { causeOf } from './report-cause.ts'
import type { Wording } from './wording.ts'

/** A logger of pino's shape: fields first, then the message. */
export interface LoggerLike {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** One line of a log. */
export interface LogLine {
  level: keyof LoggerLike
  fields: Readonly<Record<string, unknown>>
  message: string
}

/** Logs what there is to tell. Returns what ends it. */
export function logNotices(logger: LoggerLike, subscribe: NoticeSource, wording: Wording): () => void {
  return subscribe((notice) => {
    const line = toLogLine(notice, wording)
    if (line !== undefined) logger[line.level](line.fields, line.message)
  })
}

/**
 * The log line of a notice: what happened and, if an operator must act, what to do. An accepted event has none. An
 * attempt that was answered 410 has none either: `gone` says more. Of the receiver's answer, only the status is in it.
 */
export function toLogLine(notice: Notice, wording: Wording): LogLine | undefined {
  const { taker } = wording
  switch (notice.kind) {
    case 'accepted':
      return undefined
    case 'attempted':
      return toAttemptLine(notice, wording)
    case 'exhausted': {
      const { kind: _kind, isHeld, ...fields } = notice
      if (isHeld === true) {
        return {
          level: 'error',
          fields,
          message: `webhook held: the last attempt of its schedule failed, and the later ones of its task wait behind it. Look at deliveries.get(id). Call deliveries.resend(id) when the ${taker} works again, or deliveries.cancel(id) to go on without it`,
        }
      }
      return {
        level: 'error',
        fields,
        message: `webhook exhausted: the last attempt of its schedule failed. Look at deliveries.get(id), then call deliveries.resend(id) when the ${taker} works again`,
      }
    }
    case 'gone':
      return {
        level: 'error',
        fields: { endpointId: notice.endpointId },
        message:
          'endpoint gone: the receiver answered 410, so its deliveries wait. Call endpoints.resume(id) when it takes webhooks again, or take the endpoint out of the configuration',
      }
    case 'circuit-opened': {
      const { endpointId, until } = notice
      return {
        level: 'warn',
        fields: { endpointId, ...(until !== undefined && { until: new Date(until) }) },
        message: `circuit opened: the endpoint fails, so its deliveries wait and one attempt now and then tries it. Check the ${taker}; nothing else is to be done`,
      }
    }
    case 'circuit-closed':
      return {
        level: 'info',
        fields: { endpointId: notice.endpointId },
        message: 'circuit closed: the endpoint answers again, what waited is delivered',
      }
    case 'ledger-failed':
      return {
        level: 'error',
        fields: { err: notice.error },
        message:
          'ledger failed: nothing is delivered until it answers, and it is tried again. Check the database and its disk',
      }
    case 'ledger-recovered':
      return { level: 'info', fields: {}, message: 'ledger recovered: deliveries go on' }
    case 'nothing-enabled':
      return {
        level: 'warn',
        fields: {},
        message:
          'nothing enabled: events are taken and delivered to no endpoint. Set "enabled" in the webHook section',
      }
    case 'not-started':
      return {
        level: 'warn',
        fields: { pending: notice.pending },
        message: `not started: ${wording.accepted} none before start() is called`,
      }
  }
}

function toAttemptLine(
  { kind: _kind, result, nextAttemptAt, ...facts }: AttemptedFacts & { kind: string },
  { taken }: Wording,
) {
  const { outcome, durationInMs, status, errorCode, errorMessage } = result
  if (outcome === 'gone') return undefined
  const cause = causeOf(result)
  const fields = {
    ...facts,
    outcome,
    durationInMs,
    ...(status !== undefined && { status }),
    ...(errorCode !== undefined && { errorCode }),
    ...(errorMessage !== undefined && { errorMessage }),
    ...(cause !== undefined && { err: cause }),
  }
  if (outcome === 'delivered') return { level: 'debug', fields, message: `webhook ${taken}` } as const
  const reason = errorCode ?? `status ${status}`
  const level = 'warn' as const
  if (nextAttemptAt === undefined) return { level, fields, message: `webhook failed (${reason})` }
  const at = new Date(nextAttemptAt)
  const message = `webhook failed (${reason}), it is tried again at ${at.toISOString()}`
  return { level, fields: { ...fields, nextAttemptAt: at }, message }
}
