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
 * Notes in groups: attempts that begin in the same turn of the event loop, or while a group is being written, are one write. What has been
 * settled comes along with the next ones; it is found to be over without that too, since its tries have changed. What was given up is written
 * as soon as can be: the process may be about to end, and that would look as if it had ended for this.
 *
 * One write at a time: of two on different connections the later one may come first, and an end would undo a start that came after it.
 */
export function createStartNotes({ ledger, memberId, onFailure }: StartNotesOptions): StartNotes {
  let waiting: Waiting[] = []
  let ended: AttemptEnd[] = []
  /** Whether a write is asked for that has not begun. */
  let isAskedFor = false
  let isWriting = false

  function schedule(): void {
    isAskedFor = true
    if (isWriting) return
    isWriting = true
    // What else begins in this turn of the event loop comes along.
    setImmediate(() => void writeAll())
  }

  function end(one: AttemptEnd): void {
    ended.push(one)
    if (!one.isSettled) schedule()
  }

  async function writeAll(): Promise<void> {
    while (isAskedFor) {
      isAskedFor = false
      await write()
    }
    isWriting = false
  }

  async function write(): Promise<void> {
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
      ended.unshift(...ends)
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
