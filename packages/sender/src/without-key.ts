import type { AttemptResult } from './attempt-result.ts'

const concealed = '***'

/**
 * Takes the `key` of the endpoint's URL out of what is kept of an attempt: a receiver may echo its URL, in a `location`
 * header or on an error page.
 */
export function withoutKey(result: AttemptResult, key: string): AttemptResult {
  // As it was given, and as a URL has it, whoever wrote it.
  const forms = [key, encodeURIComponent(key), new URLSearchParams({ key }).toString().slice('key='.length)]
  const conceal = (text: string): string =>
    forms.reduce((clean, form) => clean.replaceAll(form, concealed), text)

  const { response, errorMessage } = { errorMessage: undefined, ...result }
  return {
    ...result,
    ...(response !== undefined && {
      response: {
        ...response,
        headers: Object.fromEntries(
          Object.entries(response.headers).map(([name, value]) => [name, conceal(value)]),
        ),
        excerpt: conceal(response.excerpt),
      },
    }),
    ...(errorMessage !== undefined && { errorMessage: conceal(errorMessage) }),
  }
}
