import type { Matching } from './count-matching.ts'

// Up to here a button is enough.
const mostWithoutTyping = 100

/** What must be typed to change so many; `undefined` when a button is enough. */
export function wordToType({ count }: Pick<Matching, 'count'>): string | undefined {
  return count > mostWithoutTyping ? String(count) : undefined
}

/** Why a change of many is not made; `undefined` when it was confirmed as it is now. */
export function findDoubt(
  matching: Pick<Matching, 'count' | 'isMore'>,
  form: Pick<URLSearchParams, 'get'>,
): string | undefined {
  if (matching.count === 0) return 'Nothing matches any more, so nothing was changed.'
  const expected = Number(form.get('expected'))
  // Fewer are no surprise: some were settled meanwhile.
  if (!(matching.count <= expected)) {
    return `More match now than when you looked, so nothing was changed yet. Look again at how many, and confirm.`
  }
  const word = wordToType(matching)
  if (word === undefined) return undefined
  const typed = form.get('typed')?.trim()
  return typed === word || typed === wordToType({ count: expected })
    ? undefined
    : 'The number that you typed is not how many match. Nothing was changed.'
}

/** The rate that a form asks for, or a sensible one; `undefined` for one that cannot be. */
export function parseRate(text: string | null): number | undefined {
  if (text === null || text.trim() === '') return defaultPerSecond
  const rate = Number(text)
  return Number.isFinite(rate) && rate > 0 && rate <= mostPerSecond ? rate : undefined
}

/** What a receiver that has just come back can be expected to take. */
export const defaultPerSecond = 10
const mostPerSecond = 1000
