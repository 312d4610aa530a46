import { html } from '../html.ts'
import type { PageContent } from './page.ts'

/** Says that there is nothing, and where to look. */
export function notFound(what: string): PageContent {
  return {
    title: 'Not found',
    main: html`<h1>Not found</h1><p>${what}</p><p><a href="./">Overview</a></p>`,
    status: 404,
    isLive: false,
  }
}
