import type { Clock } from '../clock.ts'
import type { AttemptEnd, AttemptStart, DispatchLedger } from '../ledger.ts'
import { OutboxError } from '../outbox-error.ts'

/** Notes which attempts are under way, see {@link createStartNotes}. */
export interface StartNotes {
  /**
   * Notes that an attempt begins, before it does. `undefined`: it could not be noted, and that it has not begun is noted by now, or its
   * partition belongs to another dispatcher.
   */
  begin(start: AttemptStart): Promise<NotedStart | undefined>
  /** Tries no longer what the ledger does not take. */
  giveUp(): void
}

/** An attempt that was noted. */
export interface NotedStart {
  /** How often in a row the process ended during one of the same delivery. */
  crashes: number
  /** Notes that it has ended, see {@link AttemptEnd}. Resolves when others will not take it for one that ended its process. */
  end(isSettled: boolean): Promise<void>
}

/** Options of {@link createStartNotes}. */
export interface StartNotesOptions {
  ledger: Pick<DispatchLedger, 'noteStarts'>
  /** Under which id the dispatcher is registered. */
  memberId: () => string
  clock: Pick<Clock, 'after'>
  /** Told of a start whose partition belongs to another dispatcher. */
  onLost: () => void
  /** Told of what fails. */
  onFailure: (error: unknown) => void
}

interface Beginning {
  start: AttemptStart
  resolve: (noted: NotedStart | undefined) => void
}

interface Ending {
  end: AttemptEnd
  resolve: () => void
}

const retryInMs = 250

/**
 * Notes in groups: attempts that begin in the same turn of the event loop, or while a group is being written, are one write. What has been
 * settled comes along with the next ones; it is found to be over without that too, since its tries have changed. What was given up is written
 * as soon as can be, and tried until the ledger takes it: another process that begins it would take this one for dead.
 *
 * One write at a time: of two on different connections the later one may come first, and an end would undo a start that came after it.
 */
export function createStartNotes({
  ledger,
  memberId,
  clock,
  onLost,
  onFailure,
}: StartNotesOptions): StartNotes {
  let beginnings: Beginning[] = []
  let endings: Ending[] = []
  /** Whether a write is asked for that has not begun. */
  let isAskedFor = false
  let isWriting = false
  let hasGivenUp = false

  function schedule(): void {
    isAskedFor = true
    if (isWriting) return
    isWriting = true
    // What else begins in this turn of the event loop comes along.
    setImmediate(() => void writeAll())
  }

  function end(given: AttemptEnd): Promise<void> {
    if (given.isSettled) endings.push({ end: given, resolve() {} })
    if (given.isSettled || hasGivenUp) return Promise.resolve()
    return new Promise((resolve) => {
      endings.push({ end: given, resolve })
      schedule()
    })
  }

  async function writeAll(): Promise<void> {
    while (isAskedFor) {
      isAskedFor = false
      await write()
    }
    isWriting = false
  }

  async function write(): Promise<void> {
    const [begun, ended] = [beginnings, endings]
    beginnings = []
    endings = []
    const dispatcherId = memberId()
    try {
      const starts = begun.map(({ start }) => start)
      const ends = ended.map((one) => one.end)
      const answers = await ledger.noteStarts(dispatcherId, starts, ends)
      for (const { resolve } of ended) resolve()
      if (answers.includes('lost')) onLost()
      for (const [index, { start, resolve }] of begun.entries()) {
        const { number } = start
        const crashes = answers[index] ?? 'lost'
        if (crashes === 'lost') {
          resolve(undefined)
          continue
        }
        resolve({
          crashes,
          // By the id of then: the dispatcher may have joined anew since.
          end: (isSettled) => end({ number, isSettled, dispatcherId }),
        })
      }
    } catch (error) {
      onFailure(error)
      endings.unshift(...ended)
      // It may be written all the same.
      for (const { start, resolve } of begun) {
        const notBegun = { number: start.number, isSettled: false, dispatcherId }
        endings.push({ end: notBegun, resolve: () => resolve(undefined) })
      }
      if (OutboxError.isInstance(error) && error.code === 'ledger_closed') giveUp()
      else clock.after(retryInMs, schedule)
    }
  }

  function giveUp(): void {
    hasGivenUp = true
    for (const { resolve } of endings.splice(0)) resolve()
  }

  return {
    begin: (start) =>
      new Promise((resolve) => {
        beginnings.push({ start, resolve })
        schedule()
      }),
    giveUp,
  }
}
