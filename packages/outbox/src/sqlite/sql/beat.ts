import type { Membership } from '../../ledger.ts'
import type { Context } from '../context.ts'

/** Raises the beat of a dispatcher, and tells it how the others stand. */
export function prepareBeat({ database, versions, now }: Context): (dispatcherId: string) => Membership {
  const raise = database.prepare('UPDATE taskhook_dispatchers SET beat = beat + 1 WHERE id = ?')
  const readBeats = database.prepare('SELECT id, beat FROM taskhook_dispatchers ORDER BY id')
  return (dispatcherId) => ({
    isMember: raise.run(dispatcherId).changes === 1,
    beats: readBeats.all().map((row) => ({ id: String(row['id']), beat: Number(row['beat']) })),
    ...versions.read(),
    now: now(),
  })
}
