import type { BookedDelivery } from './delivery-book.ts'

/** What is answered to an attempt. */
export interface ChosenAnswer {
  status: number
  headers: Readonly<Record<string, string>>
  retryAfterInMs?: number
}

/** Where the redirects lead, and no request belongs. */
export const redirectPath = '/redirected'

const taken: ChosenAnswer = { status: 204, headers: {} }
const refusals: readonly ChosenAnswer[] = [
  { status: 503, headers: { 'retry-after': '1' }, retryAfterInMs: 1000 },
  { status: 307, headers: { location: redirectPath } },
  { status: 500, headers: {} },
]

/** Chooses the answer: the first attempt of each delivery may be refused, in one of three ways in turn; all else is taken. */
export function chooseAnswer(
  { attempts }: BookedDelivery,
  { index, refuseFirst }: { index: number; refuseFirst: boolean },
): ChosenAnswer {
  if (!refuseFirst || attempts > 1) return taken
  return refusals[index % refusals.length] ?? taken
}
