/** Watches the beats of other dispatchers, see {@link createBeatWatch}. */
export interface BeatWatch {
  /**
   * What the beats are at this moment.
   *
   * @returns Those that have stood still for as long as a lease.
   */
  look(beats: readonly Beat[], now: number): Beat[]
}

/** How often a dispatcher has said that it lives. */
export interface Beat {
  id: string
  beat: number
}

interface Seen {
  beat: number
  /** For how long it was seen to stand still. */
  stillForInMs: number
  lookedAt: number
}

/**
 * Finds dead dispatchers by this process's own monotonic clock: their beat was the same at several looks over the time
 * of a lease. No two clocks are compared, so a wrong clock, or one that is set, cannot end the lease of a living
 * dispatcher.
 */
export function createBeatWatch(leaseInMs: number): BeatWatch {
  let seen = new Map<string, Seen>()
  // The whole machine may have been asleep, with this process and the watched one. The watched process gets time to
  // beat, so the time between two looks counts as half a lease at most.
  const mostBetweenLooksInMs = leaseInMs / 2

  function lookAgain(before: Seen | undefined, beat: number, now: number): Seen {
    if (before === undefined || before.beat !== beat) return { beat, stillForInMs: 0, lookedAt: now }
    const passedInMs = Math.min(now - before.lookedAt, mostBetweenLooksInMs)
    return { beat, stillForInMs: before.stillForInMs + passedInMs, lookedAt: now }
  }

  return {
    look(beats, now) {
      seen = new Map(beats.map((one) => [one.id, lookAgain(seen.get(one.id), one.beat, now)]))
      return beats.filter(({ id }) => seen.get(id)!.stillForInMs >= leaseInMs)
    },
  }
}
