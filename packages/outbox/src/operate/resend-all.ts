import { checkOptions, OptionError } from '@taskhook/core'
import { maxTimerInMs } from '../clock.ts'
import type { DeliveryFilter, OperatorLedger } from '../ledger.ts'
import type { ResendAllOptions } from './operators.ts'
import { pause } from './pause.ts'

const pageSize = 1000

/** Resends all that match when it begins, in the order accepted, at a rate. */
export async function resendAll(
  filter: DeliveryFilter,
  options: ResendAllOptions,
  { operate, resend }: { operate: OperatorLedger; resend: (id: string) => Promise<boolean> },
): Promise<{ resent: number }> {
  checkOptions<ResendAllOptions>(options, { perSecond: true, signal: true, onProgress: true })
  const { perSecond, signal, onProgress } = options ?? {}
  if (!Number.isFinite(perSecond) || perSecond <= 0) {
    throw new OptionError('perSecond', 'must be a positive number')
  }
  // A timer that is longer fires at once.
  if (1000 / perSecond > maxTimerInMs) throw new OptionError('perSecond', 'must be one in 24.8 days at least')
  // All of them before the first: each goes to the end, where it would be found again.
  const ids = await listIds(operate, filter)
  const startedAt = performance.now()
  let resent = 0
  for (const id of ids) {
    const aheadInMs = startedAt + (resent / perSecond) * 1000 - performance.now()
    if (aheadInMs > 0) await pause(aheadInMs, { signal })
    if (signal?.aborted) break
    if (await resend(id)) {
      resent += 1
      onProgress?.({ resent, total: ids.length })
    }
  }
  return { resent }
}

async function listIds(operate: OperatorLedger, filter: DeliveryFilter): Promise<string[]> {
  const ids: string[] = []
  let cursor: string | undefined
  do {
    const page = await operate.listDeliveries(filter, { limit: pageSize, cursor, oldestFirst: true })
    for (const { id } of page.deliveries) ids.push(id)
    cursor = page.nextCursor
  } while (cursor !== undefined)
  return ids
}
