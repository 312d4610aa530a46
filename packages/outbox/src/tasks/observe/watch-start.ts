import type { Outbox } from '../../outbox.ts'

/** Notices an outbox that accepts and delivers nothing, see {@link watchStart}. */
export interface StartWatch {
  noteAccepted(): void
  noteStarted(): void
  end(): Promise<void>
}

/** What {@link watchStart} needs. */
export interface StartWatchOptions {
  outbox: Pick<Outbox, 'endpoints'>
  /** Told once how many deliveries wait, when no process delivers them. */
  onNotStarted: (pending: number) => void
}

// A service that starts it does so within this time of its first event.
const graceInMs = 10_000

/**
 * Looks whether what was accepted is delivered by a process, this one or another: some seconds after the first event, when the process would
 * end, and when it is stopped.
 */
export function watchStart({ outbox, onNotStarted }: StartWatchOptions): StartWatch {
  let state: 'new' | 'watching' | 'done' = 'new'
  let timer: NodeJS.Timeout | undefined

  async function look(): Promise<void> {
    if (state !== 'watching') return
    finish()
    try {
      const endpoints = await outbox.endpoints.list()
      // What waits for an endpoint that has left the configuration would wait if it was started too.
      const alone = endpoints.filter(({ isConfigured, isDispatched }) => isConfigured && !isDispatched)
      const pending = alone.reduce((sum, one) => sum + one.pending, 0)
      if (pending > 0) onNotStarted(pending)
    } catch {
      // The ledger is away or closed: that is said elsewhere.
    }
  }

  function onBeforeExit(): void {
    void look()
  }

  function finish(): void {
    state = 'done'
    clearTimeout(timer)
    process.removeListener('beforeExit', onBeforeExit)
  }

  return {
    noteAccepted() {
      if (state !== 'new') return
      state = 'watching'
      timer = setTimeout(() => void look(), graceInMs).unref()
      process.once('beforeExit', onBeforeExit)
    },
    noteStarted: finish,
    end: look,
  }
}
