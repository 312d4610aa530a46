/** The numbers that a ledger's deliveries have. */
export interface NumberRange {
  /** `undefined`: there is no delivery. */
  lowest: number | undefined
  highest: number | undefined
}

/** The end of a page that looks at some numbers only, see {@link openLookWindow}. */
export interface LookWindow {
  /** The lowest number that is looked at. */
  until: number
  /** From where the next page goes on, if there are deliveries before `until`. */
  next: number | undefined
}

/** How far a page looks, latest first, that begins below the number `from`. */
export function openLookWindow(
  { lowest = Number.POSITIVE_INFINITY, highest = 0 }: NumberRange,
  { from, lookAtMost }: { from: number; lookAtMost: number },
): LookWindow {
  const until = Math.max(0, Math.min(from, highest + 1) - lookAtMost)
  return { until, next: lowest < until ? until : undefined }
}
