import { heldWaitInMs, type SettledAttempt, type Settlement } from '@taskhook/outbox/ledger'

/** Settlements as the arguments of `settle` that are columns. */
export function toColumns(settlements: readonly Settlement[]): unknown[] {
  const { partitions, epochs, numbers, tries, startedAgo, statuses, errorCodes, reports } =
    toCommonColumns(settlements)
  return [
    settlements.map(({ endpointId }) => endpointId),
    partitions,
    epochs,
    numbers,
    tries,
    // One that is held is stored as one that waits, for longer than any other.
    settlements.map(({ state }) => (state === 'held' ? 'pending' : state)),
    toSparse(settlements.map(toWait)),
    startedAgo,
    statuses,
    errorCodes,
    reports,
    toSparse(settlements.map(({ attempt }) => (attempt.outcome === 'gone' ? true : null))),
  ]
}

/** The columns of every settlement, whatever becomes of its delivery. */
export function toCommonColumns(
  settlements: readonly Settlement[],
): Record<
  'partitions' | 'epochs' | 'numbers' | 'tries' | 'startedAgo' | 'statuses' | 'errorCodes' | 'reports',
  unknown
> {
  return {
    partitions: toArray(settlements.map(({ partition }) => partition)),
    epochs: toArray(settlements.map(({ epoch }) => epoch)),
    numbers: toArray(settlements.map(({ number }) => number)),
    tries: toArray(settlements.map(({ tries }) => tries)),
    startedAgo: toArray(settlements.map(({ attempt }) => Math.round(attempt.startedAgoInMs))),
    statuses: toArray(settlements.map(({ attempt }) => attempt.status ?? null)),
    errorCodes: toSparse(settlements.map(({ attempt }) => toStorable(attempt.errorCode))),
    // One text with lines, which JSON has none of: an array's elements would each have to be escaped.
    reports: settlements.map(({ attempt }) => toReport(attempt)).join('\n'),
  }
}

/** An array of numbers as PostgreSQL writes it. `pg` would look into each for what has to be escaped. */
function toArray(numbers: readonly (number | null)[]): string {
  return `{${numbers.map((number) => number ?? 'NULL').join(',')}}`
}

function toWait({ state, retryInMs }: Settlement): number | null {
  if (state === 'held') return heldWaitInMs
  return retryInMs === undefined ? null : Math.ceil(retryInMs)
}

/** Nothing at all for a column without a value: most settlements need neither a retry nor an error code. */
function toSparse(column: readonly unknown[]): readonly unknown[] | null {
  return column.every((value) => value === null) ? null : column
}

/**
 * Everything about an attempt but its times, which are the database's and come before it: so it lacks the bracket that it begins with. JSON
 * escapes what PostgreSQL has no place for.
 */
function toReport(attempt: SettledAttempt): string {
  return JSON.stringify({ ...attempt, startedAgoInMs: undefined }).slice(1)
}

function toStorable(text: string | undefined): string | null {
  return text === undefined ? null : text.toWellFormed().replaceAll('\0', '\ufffd')
}
