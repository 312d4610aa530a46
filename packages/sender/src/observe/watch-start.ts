import type { Outbox } from '@taskhook/outbox'

/** Notices a sender that sends and delivers nothing, see {@link watchStart}. */
export interface StartWatch {
  noteSent(): void
  noteStarted(): void
  end(): Promise<void>
}

/** What {@link watchStart} needs. */
export interface StartWatchOptions {
  outbox: Pick<Outbox, 'endpoints'>
  /** Told once how many deliveries wait, when no process delivers them. */
  onNotStarted: (pending: number) => void
}

// A service that starts its sender does so within this time of its first event.
const graceInMs = 10_000

/**
 * Looks whether what was sent is delivered by a process, this one or another: some seconds after the first event, when the process would
 * end, and when the sender is stopped.
 */
export function watchStart({ outbox, onNotStarted }: StartWatchOptions): StartWatch {
  let state: 'new' | 'watching' | 'done' = 'new'
  let timer: NodeJS.Timeout | undefined

  async function look(): Promise<void> {
    if (state !== 'watching') return
    finish()
    try {
      const endpoints = await outbox.endpoints.list()
      // What waits for an endpoint that has left the configuration would wait in a started sender too.
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
    noteSent() {
      if (state !== 'new') return
      state = 'watching'
      timer = setTimeout(() => void look(), graceInMs).unref()
      process.once('beforeExit', onBeforeExit)
    },
    noteStarted: finish,
    end: look,
  }
}
