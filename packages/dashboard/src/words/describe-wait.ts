import type { WaitsFor } from '@taskhook/outbox'

// Why a delivery waits, and what to do, if there is something to do.
const words: Readonly<Record<WaitsFor, string>> = {
  turn: 'Waits for its turn: an earlier delivery of this task is not settled at this endpoint, and the order is kept.',
  held: 'Waits since an earlier delivery of this task is held after its last attempt. Resend or cancel that one to let this one follow.',
  retry: 'Waits for its next attempt, since the last one failed. Resend it to attempt it at once.',
  paused: 'Waits since its endpoint is paused or gone. Resume the endpoint to let it flow.',
  circuit: 'Waits since nothing succeeds at its endpoint. A few attempts probe it; check the receiver.',
  dispatcher: 'Waits for a process that delivers to its endpoint: none is started that has it configured.',
  'in-flight': 'Its attempt is under way, or begins when there is a free slot.',
}

const shortWords: Readonly<Record<WaitsFor, string>> = {
  turn: 'for its turn',
  held: 'behind one held',
  retry: 'for its retry',
  paused: 'endpoint paused',
  circuit: 'circuit open',
  dispatcher: 'no dispatcher',
  'in-flight': 'in flight',
}

/** What a pending delivery waits for, in a sentence. */
export function describeWait(waitsFor: string): string {
  return (words as Readonly<Record<string, string>>)[waitsFor] ?? `Waits: ${waitsFor}.`
}

/** The same in a few words, for a table. */
export function nameWait(waitsFor: string): string {
  return (shortWords as Readonly<Record<string, string>>)[waitsFor] ?? waitsFor
}
