import type { Context } from '../context.ts'

/** How dispatchers end. */
export interface Burial {
  /** One that leaves by itself. */
  leave: (dispatcherId: string) => void
  /** Those that are dead, each if its beat is still the one given; how many. */
  bury: (dead: readonly { id: string; beat: number }[]) => number
}

/** Forgets dispatchers, and frees the partitions that they owned. Their epochs stay, for the next owners to rise above. */
export function prepareBury({ database, versions }: Context): Burial {
  const forget = database.prepare('DELETE FROM taskhook_dispatchers WHERE id = ?')
  const forgetDead = database.prepare('DELETE FROM taskhook_dispatchers WHERE id = ? AND beat = ?')
  const free = database.prepare('UPDATE taskhook_partitions SET owner = NULL WHERE owner = ?')

  return {
    leave(id) {
      if (forget.run(id).changes === 0) return
      free.run(id)
      versions.raiseGeneration()
    },
    bury(dead) {
      const buried = dead.filter(({ id, beat }) => forgetDead.run(id, beat).changes === 1)
      for (const { id } of buried) free.run(id)
      if (buried.length > 0) versions.raiseGeneration()
      return buried.length
    },
  }
}
