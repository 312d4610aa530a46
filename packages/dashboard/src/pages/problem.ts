import { html } from '../html.ts'
import type { PageContent } from './page.ts'

/** Says what is wrong where no page can be shown. */
export function problem(status: number, title: string, words: string): PageContent {
  return { title, main: html`<h1>${title}</h1><p>${words}</p>`, status, isLive: false }
}

/** Says that an outbox did not answer. The page loads itself again, so it is right when the outbox is back. */
export function outboxAway(): PageContent {
  return {
    ...problem(
      503,
      'The outbox does not answer',
      'Its database is away, or busy. This page tries again by itself. Nothing is lost: what was accepted is stored.',
    ),
    refreshInSeconds: 5,
  }
}
