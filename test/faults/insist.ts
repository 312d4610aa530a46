import { setTimeout as wait } from 'node:timers/promises'
import { OutboxError } from '@taskhook/outbox'

const passingCodes: ReadonlySet<string> = new Set(['ledger_busy', 'ledger_unavailable'])

/**
 * Tries until the store is there again, and tells of each error that it tries again after. An error that does not pass ends the process, and so
 * the run.
 */
export async function insist<T>(
  operation: () => Promise<T>,
  onPassing: (code: string) => void = () => {},
): Promise<T> {
  for (;;) {
    try {
      return await operation()
    } catch (error) {
      if (!OutboxError.isInstance(error) || !passingCodes.has(error.code)) throw error
      onPassing(error.code)
      await wait(50)
    }
  }
}
