import type { Clock } from '../clock.ts'
import type { AttemptReport } from '../delivery.ts'
import type { OwnedPartition, ReadDelivery } from '../ledger.ts'
import type { Company } from './company.ts'
import type { Finish } from './line-buffer.ts'
import type { NotedStart, StartNotes } from './start-notes.ts'

/** What {@link attemptGuarded} needs. */
export interface AttemptGuardedOptions {
  delivery: ReadDelivery
  /** By which it is this dispatcher's to attempt. */
  partition: OwnedPartition
  /** From how many crashes on it is not attempted any more. */
  crashLimit: number
  notes: StartNotes
  company: Company
  clock: Clock
  signal: AbortSignal
  /** Makes the attempt and writes down what came of it; `again`: nothing did. */
  attempt: () => Promise<Finish>
  /** Writes down that it is given up. */
  giveUp: (crashes: number) => Promise<Finish>
  /** Told of what fails and is tried again. */
  onFailure: (error: unknown) => void
}

const retryInMs = 250

/**
 * Makes an attempt that may crash the process. Its start is noted before. A start that a dead dispatcher has noted and
 * not settled is a suspect: the process ended during it, perhaps for another reason. A suspect is attempted alone, so
 * that no other delivery is blamed with it. After too many crashes it is not attempted again.
 */
export async function attemptGuarded({
  delivery: { number, tries },
  partition: { endpointId, partition, epoch },
  crashLimit,
  notes,
  company,
  clock,
  signal,
  attempt,
  giveUp,
  onFailure,
}: AttemptGuardedOptions): Promise<Finish> {
  let leave: (() => void) | undefined
  let begun: NotedStart | undefined
  const start = { endpointId, partition, epoch, number, tries }
  try {
    leave = await company.join(signal)
    const noted = await notes.begin({ ...start, isAlone: false })
    if (noted === undefined) return 'again'
    const { crashes } = noted
    if (crashes >= crashLimit) return await giveUp(crashes)
    if (crashes === 0) begun = noted
    else {
      leave()
      leave = await company.joinAlone(signal, clock)
      begun = await notes.begin({ ...start, isAlone: true })
      if (begun === undefined) return 'again'
    }
    const how = await attempt()
    await begun.end(how !== 'again' && how !== 'lost')
    return how
  } catch (error) {
    await begun?.end(false)
    leave?.()
    if (signal.aborted) return 'again'
    onFailure(error)
    await new Promise<void>((resolve) => void clock.after(retryInMs, resolve))
    return 'again'
  } finally {
    leave?.()
  }
}

/** What is written down of a delivery during whose attempts the process has ended too often. */
export function crashReport(crashes: number): AttemptReport {
  return {
    outcome: 'retry',
    durationInMs: 0,
    errorCode: 'handler_crashed',
    errorMessage: `the process ended or was taken for dead during its attempt ${crashes} times in a row, so it was not attempted again`,
  }
}
