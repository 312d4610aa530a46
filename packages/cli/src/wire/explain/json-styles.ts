import type { JsonMember, JsonNode } from './json-node.ts'
import type { JsonLayout } from './write-json.ts'

/** A way to write something, and where it is usual. */
export interface Named<Way> {
  readonly name: string
  readonly way: Way
}

const compact = { afterComma: '', colon: ':', padding: '' }
const indented = (indent: string, lineBreak = '\n', colon = ': '): JsonLayout => ({
  ...compact,
  colon,
  indent,
  lineBreak,
})

/** Layouts of the JSON writers that there are. */
export const layouts: readonly Named<JsonLayout>[] = [
  { name: 'without white space', way: compact },
  {
    name: 'with blanks after commas and colons, as Python writes it',
    way: { ...compact, afterComma: ' ', colon: ': ' },
  },
  { name: 'indented by two blanks', way: indented('  ') },
  { name: 'indented by four blanks', way: indented('    ') },
  { name: 'indented by tabs', way: indented('\t') },
  { name: 'indented by two blanks, lines ending in CRLF', way: indented('  ', '\r\n') },
  { name: 'indented by four blanks, lines ending in CRLF', way: indented('    ', '\r\n') },
  {
    name: 'indented, with blanks on both sides of colons, as Jackson writes it',
    way: indented('  ', '\n', ' : '),
  },
  {
    name: 'indented, with blanks on both sides of colons and CRLF, as Jackson writes it on Windows',
    way: indented('  ', '\r\n', ' : '),
  },
  { name: 'with blanks after colons', way: { ...compact, colon: ': ' } },
  { name: 'with blanks after commas', way: { ...compact, afterComma: ' ' } },
  { name: 'with blanks within braces', way: { afterComma: ' ', colon: ': ', padding: ' ' } },
]

const escapeWhere =
  (pattern: RegExp, write: (unit: string) => string) =>
  (text: string): string =>
    text.replaceAll(pattern, (unit) => write(unit))
const lower = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
const upper = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`
const slash = (text: string): string => text.replaceAll('/', String.raw`\/`)
// By UTF-16 unit, without the flag u: a character outside the BMP is two escapes.
const nonAscii = /[\u0080-\uffff]/g
const onText =
  (change: (text: string) => string) =>
  (raw: string): string =>
    change(JSON.stringify(JSON.parse(raw) as string))
const asciiLower = escapeWhere(nonAscii, lower)

/** How strings are escaped: a function of the string as it was written. */
export const stringStyles: readonly Named<(raw: string) => string>[] = [
  { name: 'as few escapes as can be', way: onText((text) => text) },
  { name: String.raw`\u escapes for everything but ASCII, as Python writes them`, way: onText(asciiLower) },
  {
    name: String.raw`\u escapes in capitals for everything but ASCII`,
    way: onText(escapeWhere(nonAscii, upper)),
  },
  {
    name: String.raw`\/ for slashes and \u escapes, as PHP writes them`,
    way: onText((text) => slash(asciiLower(text))),
  },
  { name: String.raw`\/ for slashes`, way: onText(slash) },
  {
    name: String.raw`\u escapes for < > &, as Go writes them`,
    way: onText(escapeWhere(/[<>&\u2028\u2029]/g, lower)),
  },
  {
    name: String.raw`\u escapes for < > & = ', as Gson writes them`,
    way: onText(escapeWhere(/[<>&='\u2028\u2029]/g, lower)),
  },
  {
    name: String.raw`\u escapes for < > & ' + and everything but ASCII, as .NET writes them`,
    way: onText((text) => escapeWhere(/[<>&'+`\u007f-\uffff]/g, upper)(escapeQuotes(text))),
  },
]

/** A quotation mark within a string, as .NET writes it. */
function escapeQuotes(text: string): string {
  const inner = text
    .slice(1, -1)
    .replaceAll(/\\(.)/g, (whole, escaped: string) => (escaped === '"' ? String.raw`\u0022` : whole))
  return `"${inner}"`
}

/** How numbers are written. */
export const numberStyles: readonly Named<(raw: string) => string>[] = [
  { name: 'as JavaScript writes them', way: (raw) => String(Number(raw)) },
  { name: 'whole numbers with .0', way: (raw) => (/[.eE]/.test(raw) ? raw : `${raw}.0`) },
  { name: 'without zeros at the end', way: (raw) => raw.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '') },
  { name: 'with two decimals', way: (raw) => Number(raw).toFixed(2) },
  { name: 'with one decimal', way: (raw) => Number(raw).toFixed(1) },
  { name: 'with an exponent in capitals', way: (raw) => raw.toUpperCase() },
  { name: 'without exponents', way: expandExponent },
  { name: 'with a signed exponent', way: (raw) => raw.toLowerCase().replace(/e(\d)/, 'e+$1') },
]

function expandExponent(raw: string): string {
  const [, sign = '', whole = '', fraction = '', exponent] =
    /^(-?)(\d+)(?:\.(\d+))?[eE]\+?(\d{1,2})$/.exec(raw) ?? []
  if (exponent === undefined || Number(exponent) < fraction.length) return raw
  return `${sign}${(whole + fraction).replace(/^0+(?=\d)/, '')}${'0'.repeat(Number(exponent) - fraction.length)}`
}

/** The same JSON with the keys of each object sorted. */
export function sortMembers(node: JsonNode): JsonNode {
  switch (node.kind) {
    case 'scalar':
      return node
    case 'array':
      return { kind: 'array', items: node.items.map(sortMembers) }
    case 'object': {
      const members = node.members.map(({ key, value }) => ({ key, value: sortMembers(value) }))
      return { kind: 'object', members: members.toSorted(byKey) }
    }
  }
}

function byKey(one: JsonMember, other: JsonMember): number {
  const [first, second] = [one.key, other.key].map((key) => JSON.parse(key) as string) as [string, string]
  return first < second ? -1 : first > second ? 1 : 0
}
