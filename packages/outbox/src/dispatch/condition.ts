/** Something that is waited for, see {@link createCondition}. */
export interface Condition {
  /** Resolves when it is met, at this moment or at a later {@link Condition.check}. */
  met(): Promise<void>
  /** Looks whether it is met now. Costs nothing while it is not waited for. */
  check(): void
}

/** Waits for what only its owner can tell, and tells when it may have changed. */
export function createCondition(isMet: () => boolean): Condition {
  let waiters: (() => void)[] = []
  return {
    async met() {
      if (!isMet()) await new Promise<void>((resolve) => void waiters.push(resolve))
    },
    check() {
      if (waiters.length === 0 || !isMet()) return
      const met = waiters
      waiters = []
      for (const resolve of met) resolve()
    },
  }
}
