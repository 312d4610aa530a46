import type { ErrorPage } from './error-page.ts'
import { type ErrorGroup, errorGroups } from './error-pages.ts'

/** The files of `docs/errors/`: one for each code, and the list of all. */
export function renderErrorPages(): Map<string, string> {
  const files = new Map([['README.md', renderList(errorGroups)]])
  for (const { pages } of errorGroups) {
    for (const [code, page] of Object.entries(pages)) files.set(`${code}.md`, renderPage(code, page))
  }
  return files
}

function renderPage(code: string, { source, who, means, remedies, answer }: ErrorPage): string {
  const lines = [
    `# ${code}`,
    '',
    means,
    '',
    '## What to do',
    '',
    ...remedies.map((remedy, index) => `${index + 1}. ${remedy}`),
    '',
    '## Facts',
    '',
    `- **Who acts:** ${who}.`,
    `- **Where it occurs:** ${source}.`,
    ...(answer === undefined ? [] : [`- **Answer:** ${answer}.`]),
    '',
    '[All error codes](README.md)',
  ]
  return `${lines.join('\n')}\n`
}

function renderList(groups: readonly ErrorGroup[]): string {
  const lines = [
    '# Error codes',
    '',
    'Every error of taskhook has a `code` that does not change between versions, and a link to its page here: `error.documentation`. Branch on the',
    'code, never on the message. A receiver that answers with `application/problem+json` (RFC 9457) has the same link in `type`.',
  ]
  for (const { title, pages } of groups) {
    lines.push('', `## ${title}`, '')
    for (const [code, { means }] of Object.entries(pages))
      lines.push(`- [\`${code}\`](${code}.md): ${firstSentence(means)}`)
  }
  return `${lines.join('\n')}\n`
}

function firstSentence(text: string): string {
  return /^.*?[.](?= [A-Z`]|$)/s.exec(text)?.[0] ?? text
}
