import { closestMatch } from 'leven'

// Shorter ones are alike by chance.
const fewestAlike = 4

/**
 * The one of `names` with the fewest letters to change, whatever their case; `undefined` when there are none. A name that
 * holds the given one, as `toleranceInSeconds` does `tolerance`, is nearer than any other; then those that begin alike, as
 * `retries` and `retryScheduleInMs` do.
 */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  const given = name.toLowerCase()
  const lowerCase = names.map((known) => known.toLowerCase())
  const longer = lowerCase.filter((known) => known.includes(given))
  const alike = lowerCase.filter((known) => known.slice(0, fewestAlike) === given.slice(0, fewestAlike))
  const candidates = [longer, alike].find(({ length }) => length > 0) ?? lowerCase
  const nearest = closestMatch(given, candidates)
  return nearest === undefined ? undefined : names[lowerCase.indexOf(nearest)]
}
