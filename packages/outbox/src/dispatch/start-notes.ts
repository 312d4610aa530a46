import type { AttemptEnd, AttemptStart, DispatchLedger } from '../ledger.ts'

/** Notes which attempts are under way, see {@link createStartNotes}. */
export interface StartNotes {
  /** Notes that an attempt begins, before it does. */
  begin(start: AttemptStart): Promise<NotedStart>
}

/** An attempt that was noted. */
export interface NotedStart {
  /** How often in a row the process ended during one of the same delivery. */
  crashes: number
  /** Notes that it has ended, see {@link AttemptEnd}. */
  end(isSettled: boolean): void
}

/** Options of {@link createStartNotes}. */
export interface StartNotesOptions {
  ledger: Pick<DispatchLedger, 'noteStarts'>
  /** Under which id the dispatcher is registered. */
  memberId: () => string
  /** Told of what fails. */
  onFailure: (error: unknown) => void
}

interface Waiting {
  start: AttemptStart
  resolve: (noted: NotedStart) => void
  reject: (error: unknown) => void
}

/**
 * Notes in groups: attempts that begin in the same turn of the event loop are one write. What has been settled comes along with the next
 * ones; it is found to be over without that too, since its tries have changed. What was given up is written at once: the process may be
 * about to end, and that would look as if it had ended for this.
 */
export function createStartNotes({ ledger, memberId, onFailure }: StartNotesOptions): StartNotes {
  let waiting: Waiting[] = []
  let ended: AttemptEnd[] = []
  let isScheduled = false

  function schedule(): void {
    if (isScheduled) return
    isScheduled = true
    setImmediate(() => void write())
  }

  function end(one: AttemptEnd): void {
    ended.push(one)
    if (!one.isSettled) schedule()
  }

  async function write(): Promise<void> {
    isScheduled = false
    const [group, ends] = [waiting, ended]
    waiting = []
    ended = []
    const dispatcherId = memberId()
    try {
      const crashes = await ledger.noteStarts(
        dispatcherId,
        group.map(({ start }) => start),
        ends,
      )
      for (const [index, { start, resolve }] of group.entries()) {
        const { number } = start
        resolve({
          crashes: crashes[index] ?? 0,
          // By the id of then: the dispatcher may have joined anew since.
          end: (isSettled) => end({ number, isSettled, dispatcherId }),
        })
      }
    } catch (error) {
      ended.push(...ends)
      if (group.length === 0) onFailure(error)
      for (const { reject } of group) reject(error)
    }
  }

  return {
    begin: (start) =>
      new Promise((resolve, reject) => {
        waiting.push({ start, resolve, reject })
        schedule()
      }),
  }
}
