import type { Ledger } from '../ledger.ts'
import { OutboxError } from '../outbox-error.ts'
import type { WatchOptions } from './operators.ts'
import { pause } from './pause.ts'

// What no notification tells of, a settlement by another machine for example, is seen by looking.
const lookIntervalInMs = 1000
const defaultAtMostEveryInMs = 250

/**
 * Yields at once, and then after each change that any process made, several together. While the ledger cannot be read it waits, and
 * yields when it can be read again.
 */
export async function* watchLedger(
  ledger: Pick<Ledger, 'operate' | 'dispatch'>,
  { signal, atMostEveryInMs = defaultAtMostEveryInMs }: WatchOptions,
): AsyncGenerator<void, void, undefined> {
  let told = Promise.withResolvers<void>()
  const stop = ledger.dispatch.onChange(() => told.resolve())
  let seen: string | undefined
  try {
    while (!signal?.aborted) {
      told = Promise.withResolvers<void>()
      const version: string | typeof closed | undefined = await ledger.operate
        .readVersion()
        .catch(nameFailure)
      if (version === closed) return
      if (version === seen || version === undefined) {
        seen = version
        await pause(lookIntervalInMs, { signal, until: told.promise })
      } else {
        seen = version
        yield
        await pause(atMostEveryInMs, { signal })
      }
    }
  } finally {
    stop()
  }
}

const closed = Symbol('closed')

function nameFailure(error: unknown): typeof closed | undefined {
  return isClosed(error) ? closed : undefined
}

/** Whether a ledger was closed, and nothing more is to be seen there. */
export function isClosed(error: unknown): boolean {
  return OutboxError.isInstance(error) && error.code === 'ledger_closed'
}
