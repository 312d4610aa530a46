import { closestMatch } from 'leven'

/** The one of `names` with the fewest letters to change, whatever their case; `undefined` when there are none. */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  const lowerCase = names.map((known) => known.toLowerCase())
  const nearest = closestMatch(name.toLowerCase(), lowerCase)
  return nearest === undefined ? undefined : names[lowerCase.indexOf(nearest)]
}
