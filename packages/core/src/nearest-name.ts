import { closestMatch } from 'leven'

/**
 * The one of `names` with the fewest letters to change, whatever their case; `undefined` when there are none. A name that
 * holds the given one, as `toleranceInSeconds` does `tolerance`, is nearer than any other.
 */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  const given = name.toLowerCase()
  const lowerCase = names.map((known) => known.toLowerCase())
  const longer = lowerCase.filter((known) => known.includes(given))
  const nearest = closestMatch(given, longer.length > 0 ? longer : lowerCase)
  return nearest === undefined ? undefined : names[lowerCase.indexOf(nearest)]
}
