const concealed = '***'

/**
 * Takes the `key` of an endpoint's URL out of a text.
 *
 * @param options.isCut Whether there was more of the text, so that it may end within the key.
 */
export type ConcealKey = (text: string, options?: { isCut: boolean }) => string

/**
 * Makes what takes a key out of everything that is stored of an attempt: a receiver may say its URL again, in a
 * `location` header or on an error page.
 */
export function createConcealKey(key: string): ConcealKey {
  const forms = writeInAllForms(key)
  return (text, { isCut } = { isCut: false }) => {
    const clean = forms.reduce((rest, form) => rest.replaceAll(form, concealed), text)
    return isCut ? withoutBeginnings(clean, forms) : clean
  }
}

/** A key as it was given and as URLs, JSON and HTML have it, longest first: one form may begin with another. */
function writeInAllForms(key: string): string[] {
  const encoded = encodeURIComponent(key)
  const forms = [
    key,
    encoded,
    encodeURIComponent(encoded), // within a URL within a URL: ?next=
    encodeURI(key),
    new URLSearchParams({ key }).toString().slice('key='.length),
    JSON.stringify(key).slice(1, -1),
    key.replaceAll(
      /[\u{80}-\u{ffff}]/gv,
      (unit) => `\\u${unit.codePointAt(0)?.toString(16).padStart(4, '0')}`,
    ),
    key.replaceAll('/', String.raw`\/`),
    ...['&#39;', '&#x27;', '&apos;'].map((apostrophe) => escapeHtml(key).replaceAll("'", apostrophe)),
  ]
  const lowerCase = forms.map((form) => form.replaceAll(/%[0-9A-F]{2}/g, (octet) => octet.toLowerCase()))
  return [...new Set([...forms, ...lowerCase])].toSorted((one, other) => other.length - one.length)
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

/** The text up to where a form begins that the text is too short for. */
function withoutBeginnings(text: string, forms: readonly string[]): string {
  const longest = forms[0]?.length ?? 0
  for (let length = Math.min(longest - 1, text.length); length > 0; length -= 1) {
    const end = text.slice(-length)
    if (forms.some((form) => form.startsWith(end))) return text.slice(0, -length)
  }
  return text
}
