import { OutboxError } from '@taskhook/outbox'

/** What a ledger is asked to do, until it is closed. */
export interface Work {
  /**
   * Refuses when the ledger is closed.
   *
   * @throws OutboxError `ledger_closed`.
   */
  check: () => void
  run: <T>(operation: () => Promise<T>) => Promise<T>
  /** Refuses from now on; resolves when all that was asked before is over. */
  end: () => Promise<void>
}

/** Keeps count of what is under way. */
export function createWork(): Work {
  const underWay = new Set<Promise<unknown>>()
  let isEnded = false

  function check(): void {
    if (isEnded) throw new OutboxError('ledger_closed', 'the ledger is closed')
  }

  return {
    check,
    async run(operation) {
      check()
      const running = operation()
      underWay.add(running)
      try {
        return await running
      } finally {
        underWay.delete(running)
      }
    },
    async end() {
      isEnded = true
      await Promise.allSettled(underWay)
    },
  }
}
