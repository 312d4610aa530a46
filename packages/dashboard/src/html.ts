/** Markup that is safe to send as it is: everything put into it was escaped. */
export interface Html {
  readonly markup: string
}

/** What may stand in {@link html}: text is escaped, markup is not, `undefined` and `false` are nothing. */
export type HtmlValue = Html | string | number | undefined | false | readonly HtmlValue[]

const marked = Symbol('html')

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/**
 * Markup, with everything that is put into it escaped, within elements and quoted attributes alike. It is the only way to
 * make {@link Html}, so what receivers wrote cannot become markup.
 *
 * @example
 * html`<a href="${url}">${receiversWords}</a>`.markup
 */
export function html(parts: TemplateStringsArray, ...values: HtmlValue[]): Html {
  let markup = parts[0]!
  for (const [index, value] of values.entries()) markup += render(value) + parts[index + 1]!
  return mark(markup)
}

function mark(markup: string): Html {
  return { markup, [marked]: true } as Html
}

function render(value: HtmlValue): string {
  if (value === undefined || value === false) return ''
  if (typeof value === 'string') return escape(value)
  if (typeof value === 'number') return String(value)
  if (Array.isArray(value)) return value.map(render).join('')
  // An object from elsewhere, parsed JSON say, is not markup, whatever its keys are.
  return marked in value ? (value as Html).markup : '[object]'
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => escapes[character]!)
}
