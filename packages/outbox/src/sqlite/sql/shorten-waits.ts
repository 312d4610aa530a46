import type { Context } from '../context.ts'

/** Mends waits that were set by a clock that was ahead of this one: they begin now. Says how many. */
export function prepareShortenWaits({ database, now }: Context): (limit: number) => number {
  const shorten = database.prepare(`
    UPDATE taskhook_deliveries SET ready_at = ? + wait_in_ms
    WHERE number IN (
      SELECT number FROM taskhook_deliveries INDEXED BY taskhook_deliveries_told
      WHERE state = 'pending' AND ready_at IS NOT NULL AND ready_at - wait_in_ms > ? LIMIT ?
    )
  `)
  return (limit) => {
    const time = now()
    return Number(shorten.run(time, time, limit).changes)
  }
}
