// Control characters, and those that change the direction of the text beside them. A receiver's answer is written by a stranger, and a terminal
// obeys what it is sent: https://nvd.nist.gov/vuln/detail/CVE-2003-0063 and many since.
const unprintable = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/gu

const names: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** A text as it can be shown on one line of a terminal: what a terminal would act on is escaped. */
export function printable(text: string): string {
  return text.replaceAll(unprintable, (character) => names[character] ?? escape(character))
}

/** The same for a text that is JSON, which stays the same value. */
export function printableJson(json: string): string {
  return json.replaceAll(unprintable, escape)
}

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
