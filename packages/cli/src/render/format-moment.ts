import { formatDuration } from './format-duration.ts'

/** A time in UTC, to the second: `2026-11-29 14:00:05Z`. */
export function formatMoment(moment: Date): string {
  return `${moment.toISOString().slice(0, 19).replace('T', ' ')}Z`
}

/** How far a time is away: `in 4 min`, `2 h ago`. */
export function formatDistance(moment: Date, now: number): string {
  const distanceInMs = moment.getTime() - now
  if (distanceInMs > 0) return `in ${formatDuration(distanceInMs)}`
  return `${formatDuration(-distanceInMs)} ago`
}
