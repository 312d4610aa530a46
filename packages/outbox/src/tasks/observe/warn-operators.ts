import { inspect } from 'node:util'
import type { AttemptedFacts, Notice, NoticeSource } from './notice.ts'
import { causeOf } from './report-cause.ts'
import type { Wording } from './wording.ts'

/** Codes of the process warnings where there is no logger. */
type WarningCode =
  | 'TASKHOOK_HANDLER_FAILED'
  | 'TASKHOOK_EXHAUSTED'
  | 'TASKHOOK_HELD'
  | 'TASKHOOK_GONE'
  | 'TASKHOOK_CIRCUIT_OPEN'
  | 'TASKHOOK_NOTHING_ENABLED'
  | 'TASKHOOK_NOT_STARTED'

/** What {@link warnOperators} takes beside the notices. */
export interface WarningOptions {
  wording: Wording
  /** Default `process.emitWarning`. */
  emitWarning?: (message: string, options: { type: string; code: WarningCode; detail?: string }) => void
  /** How long a circuit is open before there is a warning of it. Default five minutes. */
  circuitOpenInMs?: number
  /** There is one warning of a kind and endpoint in this time; the rest is counted into the next one. Default one minute. */
  intervalInMs?: number
}

interface Warning {
  code: WarningCode
  /** Printed with the first one: a stack. */
  detail?: string
  /** @param count how many times it came about since the last one that was printed, this one included. */
  describe: (count: number) => string
}

/**
 * Warns of what an operator must act on if there is no logger, because otherwise the failures would not be seen. Ten
 * thousand exhausted deliveries make two warnings: one for the first delivery, and one a minute later with the number
 * of the others.
 *
 * @returns What ends it; what was counted and not yet printed is printed then.
 */
export function warnOperators(
  subscribe: NoticeSource,
  {
    wording,
    emitWarning = (message, options) => process.emitWarning(message, options),
    circuitOpenInMs = 5 * 60_000,
    intervalInMs = 60_000,
  }: WarningOptions,
): () => void {
  const recent = new Map<string, { count: number; print: () => void; timer: NodeJS.Timeout }>()
  const openCircuits = new Map<string, NodeJS.Timeout>()

  function warn({ code, detail, describe }: Warning, endpointId = ''): void {
    const name = `${code} ${endpointId}`
    const found = recent.get(name)
    if (found !== undefined) {
      found.count += 1
      return
    }
    emitWarning(describe(1), { type: 'TaskhookWarning', code, ...(detail !== undefined && { detail }) })
    open()

    function open(): void {
      const entry = { count: 0, print, timer: setTimeout(onInterval, intervalInMs).unref() }
      recent.set(name, entry)
    }
    function print(): void {
      const count = recent.get(name)?.count ?? 0
      if (count > 0) emitWarning(describe(count), { type: 'TaskhookWarning', code })
    }
    function onInterval(): void {
      const isQuiet = recent.get(name)?.count === 0
      print()
      if (isQuiet) recent.delete(name)
      else open()
    }
  }

  function onCircuitOpened(endpointId: string): void {
    if (openCircuits.has(endpointId)) return
    const timer = setTimeout(
      () => warn(circuitOpen(endpointId, circuitOpenInMs, wording), endpointId),
      circuitOpenInMs,
    )
    openCircuits.set(endpointId, timer.unref())
  }

  function onCircuitClosed(endpointId: string): void {
    clearTimeout(openCircuits.get(endpointId))
    openCircuits.delete(endpointId)
  }

  const end = subscribe((notice) => {
    if (notice.kind === 'circuit-opened') return onCircuitOpened(notice.endpointId)
    if (notice.kind === 'circuit-closed') return onCircuitClosed(notice.endpointId)
    if (notice.kind === 'attempted' && !isWorthWarning(notice, wording)) return
    const warning = toWarning(notice, wording)
    if (warning !== undefined) warn(warning, 'endpointId' in notice ? notice.endpointId : '')
  })

  return () => {
    end()
    for (const timer of openCircuits.values()) clearTimeout(timer)
    for (const { print, timer } of recent.values()) {
      clearTimeout(timer)
      print()
    }
    recent.clear()
  }
}

function toWarning(notice: Notice, { self, taker }: Wording): Warning | undefined {
  switch (notice.kind) {
    case 'attempted':
      return handlerFailed(notice)
    case 'exhausted': {
      const { endpointId, id, taskId, isHeld } = notice
      if (isHeld === true) {
        return {
          code: 'TASKHOOK_HELD',
          describe: (count) =>
            count === 1
              ? `delivery ${id} of task ${taskId} to ${endpointId} is held: every attempt failed, and the later ones of the task wait behind it. Look at deliveries.get(id). Call deliveries.resend(id) when the ${taker} works again, or deliveries.cancel(id) to go on without it.`
              : `${count} more deliveries to ${endpointId} are held: every attempt failed, and the later ones of their tasks wait behind them. Call deliveries.resendAll({ state: 'held', endpointId }, { perSecond }) when the ${taker} works again, or deliveries.cancel(id) to go on without one.`,
        }
      }
      return {
        code: 'TASKHOOK_EXHAUSTED',
        describe: (count) =>
          count === 1
            ? `delivery ${id} of task ${taskId} to ${endpointId} is exhausted: every attempt failed. Look at deliveries.get(id), then call deliveries.resend(id) when the ${taker} works again.`
            : `${count} more deliveries to ${endpointId} are exhausted: every attempt failed. Call deliveries.resendAll({ endpointId }, { perSecond }) when the ${taker} works again.`,
      }
    }
    case 'gone': {
      const { endpointId } = notice
      return {
        code: 'TASKHOOK_GONE',
        describe: () =>
          `endpoint ${endpointId} is gone: the receiver answered 410, so its deliveries wait. Call endpoints.resume(id) when it takes webhooks again, or take the endpoint out of the configuration.`,
      }
    }
    case 'nothing-enabled':
      return {
        code: 'TASKHOOK_NOTHING_ENABLED',
        describe: () =>
          'no webHook section is enabled: events are taken and delivered to no endpoint. Set "enabled" to true.',
      }
    case 'not-started':
      return {
        code: 'TASKHOOK_NOT_STARTED',
        describe: () =>
          `${notice.pending === 1 ? '1 delivery waits' : `${notice.pending} deliveries wait`} and this ${self} was not started: call start(), or leave it if another process delivers.`,
      }
    default:
      return undefined
  }
}

function isWorthWarning({ result }: AttemptedFacts, { warnsOfFailures }: Wording): boolean {
  return warnsOfFailures && result.outcome === 'retry'
}

function handlerFailed({ endpointId, taskId, number, result, nextAttemptAt }: AttemptedFacts): Warning {
  const { errorCode, errorMessage } = result
  const cause = causeOf(result)
  const next = nextAttemptAt === undefined ? '' : '; it is called again'
  return {
    code: 'TASKHOOK_HANDLER_FAILED',
    ...(cause !== undefined && { detail: (cause instanceof Error && cause.stack) || inspect(cause) }),
    describe: (count) =>
      count === 1
        ? `the handler of ${endpointId} failed for task ${taskId}, attempt ${number} (${errorCode}: ${errorMessage})${next}.`
        : `the handler of ${endpointId} failed ${count} more times.`,
  }
}

function circuitOpen(endpointId: string, circuitOpenInMs: number, { taker }: Wording): Warning {
  return {
    code: 'TASKHOOK_CIRCUIT_OPEN',
    describe: () =>
      `endpoint ${endpointId} has failed for ${Math.round(circuitOpenInMs / 60_000)} minutes: its deliveries wait, and one attempt now and then tries it. Check the ${taker}.`,
  }
}
