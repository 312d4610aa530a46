import { postgresLedger } from '@taskhook/postgres'
import { fillOutbox } from './fill-outbox.ts'
import { joinLedger } from './joined-dispatcher.ts'
import { settleMany } from './measure-turns.ts'
import { run } from './start-postgres.ts'

const dayInMs = 24 * 60 * 60 * 1000
// Of each day, they go through the ledger; the rest of the day is copied from them, which takes a tenth of the time.
const settledADay = 500

/** Adds deliveries that were made in the last days, the same number on each, to an outbox on PostgreSQL. */
export async function fillDelivered(
  url: string,
  { days, perDay }: { days: number; perDay: number },
): Promise<void> {
  const today = Date.now() - (Date.now() % dayInMs)
  for (let day = days; day > 0; day--) {
    const count = Math.min(perDay, settledADay)
    const now = today - day * dayInMs
    await settleThen({ url, count, now })
    await copyDelivered(url, { startsAt: now, copies: perDay / count - 1 })
  }
}

/** Makes deliveries at a time of the past. */
async function settleThen({ url, count, now }: { url: string; count: number; now: number }): Promise<void> {
  await using stack = new AsyncDisposableStack()
  const ledger = stack.adopt(
    await postgresLedger({ connectionString: url, listen: false, now: () => now }),
    (opened) => opened.close(),
  )
  await fillOutbox(ledger, count)
  await settleMany(stack.use(await joinLedger(ledger)), count)
}

/** Copies what was delivered on a day, with other numbers, ids and tasks, and spreads it over the day. */
function copyDelivered(
  url: string,
  { startsAt, copies }: { startsAt: number; copies: number },
): Promise<unknown> {
  return run(
    url,
    `
      INSERT INTO taskhook.delivered
      SELECT copy.*
      FROM taskhook.delivered AS original, generate_series(1, ${Math.floor(copies)}) AS n,
        LATERAL jsonb_populate_record(original, jsonb_build_object(
          'number', nextval(pg_get_serial_sequence('taskhook.deliveries', 'number')),
          'id', uuidv7(),
          'ordering_key', gen_random_uuid(),
          'settled_at', ${startsAt} + n * ${dayInMs - 1000}::bigint / ${Math.max(1, Math.floor(copies))}
        )) AS copy
      WHERE original.settled_at = ${startsAt}
    `,
  )
}
