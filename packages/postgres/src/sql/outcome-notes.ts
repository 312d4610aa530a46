import type { Outcomes } from './note-outcomes.ts'

/** The latest outcomes at endpoints, see {@link createOutcomeNotes}. */
export interface OutcomeNotes {
  note: (endpointId: string, isSuccess: boolean, at: number) => void
  /** Writes what is not written yet. */
  flush: () => Promise<void>
}

const delayInMs = 500

/**
 * Writes when an endpoint last took a delivery and last failed, and how often, now and then rather than with each settlement: every machine
 * would wait for the others to commit theirs, since it is one row.
 */
export function createOutcomeNotes(
  write: (outcomes: ReadonlyMap<string, Outcomes>) => Promise<void>,
): OutcomeNotes {
  let outcomes = new Map<string, Outcomes>()
  let timer: NodeJS.Timeout | undefined

  async function flush(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    if (outcomes.size === 0) return
    const toWrite = outcomes
    outcomes = new Map()
    try {
      await write(toWrite)
    } catch (error) {
      for (const [endpointId, before] of toWrite) {
        const since = outcomes.get(endpointId) ?? { delivered: 0, failed: 0 }
        const delivered = before.delivered + since.delivered
        outcomes.set(endpointId, { ...before, ...since, delivered, failed: before.failed + since.failed })
      }
      throw error
    }
  }

  return {
    note(endpointId, isSuccess, at) {
      const noted = outcomes.get(endpointId) ?? { delivered: 0, failed: 0 }
      noted[isSuccess ? 'successAt' : 'failureAt'] = at
      noted[isSuccess ? 'delivered' : 'failed'] += 1
      outcomes.set(endpointId, noted)
      // What cannot be written now is written with the next.
      timer ??= setTimeout(() => void flush().catch(() => {}), delayInMs).unref()
    },
    flush,
  }
}
