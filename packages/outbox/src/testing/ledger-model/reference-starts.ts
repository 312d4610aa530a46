import type { AttemptStart } from '../../ledger.ts'

interface KnownStart {
  tries: number
  dispatcher: string | undefined
  crashes: number
}

/** Which attempts have begun and were not settled, as any ledger must have it. By the reference's numbers. */
export class ReferenceStarts {
  readonly #known = new Map<number, KnownStart>()

  /** How often in a row it was begun by another that did not settle it. */
  begin(
    { number, tries, isAlone }: Pick<AttemptStart, 'number' | 'tries' | 'isAlone'>,
    dispatcher: string,
  ): number {
    const known = this.#known.get(number)
    if (known === undefined || known.tries !== tries) {
      this.#known.set(number, { tries, dispatcher, crashes: 0 })
      return 0
    }
    if (known.dispatcher !== undefined && known.dispatcher !== dispatcher) {
      known.crashes += 1
      known.dispatcher = undefined
    }
    // A suspect that waits to be alone has not begun.
    known.dispatcher = isAlone || known.crashes === 0 ? dispatcher : undefined
    return known.crashes
  }

  /** Ends one that a dispatcher has noted, unless another has noted it since. */
  end(number: number, isSettled: boolean, dispatcher: string): void {
    const known = this.#known.get(number)
    if (known?.dispatcher !== dispatcher) return
    if (isSettled) this.#known.delete(number)
    else known.dispatcher = undefined
  }

  /** One that is held is resent. */
  forget(number: number): void {
    this.#known.delete(number)
  }
}
