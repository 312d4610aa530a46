/** Milliseconds on a clock that all processes of a machine share, and that no change of the time moves. */
export function monotonicNow(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
