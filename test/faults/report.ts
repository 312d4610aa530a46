/** A line of a report's table. */
export type Row = [title: string, figure: number | string]

/** What a run found. */
export interface Report {
  rows: Row[]
  isSound: boolean
}

/** A duration for a table. */
export function inSeconds(durationInMs: number): string {
  return `${(durationInMs / 1000).toFixed(1)} s`
}
