import type { Context } from '../context.ts'

/** Mends waits that were set by a clock that was ahead of this one: they begin now. Says how many. */
export function prepareShortenWaits({ database, now }: Context): (limit: number) => number {
  const shorten = database.prepare(`
    UPDATE taskhook_deliveries SET ready_at = ?1 + wait_in_ms
    WHERE number IN (
      SELECT number FROM taskhook_deliveries INDEXED BY taskhook_deliveries_told
      WHERE state = 'pending' AND ready_at IS NOT NULL AND ready_at - wait_in_ms > ?1 LIMIT ?2
    )
  `)
  return (limit) => Number(shorten.run(now(), limit).changes)
}
