import { assetVersion } from '../assets/assets.ts'
import { html, type Html } from '../html.ts'

/** What stands around a page. */
export interface LayoutOptions {
  title: string
  main: Html
  /** The page that is open, for the navigation. */
  path: string
  isLive: boolean
  /** Seconds after which a browser without scripts loads the page again. */
  refreshInSeconds?: number | undefined
  /** Who looks at it, as the application's own login calls them. */
  actor?: string | undefined
}

const sections = [
  ['', './', 'Overview'],
  ['deliveries', 'deliveries', 'Deliveries'],
  ['jobs', 'jobs', 'Jobs'],
] as const

/** A whole page. It has no inline script or style: the content security policy allows none. */
export function layOut({ title, main, path, isLive, refreshInSeconds, actor }: LayoutOptions): Html {
  const navigation = sections.map(
    ([section, link, name]) =>
      html`<li><a href="${link}"${section === path && html` aria-current="page"`}>${name}</a></li>`,
  )
  const refresh =
    refreshInSeconds !== undefined &&
    html`<noscript><meta http-equiv="refresh" content="${refreshInSeconds}" /></noscript>`
  return html`<!doctype html>
<html lang="en"${isLive && html` data-live="${assetVersion}"`}>
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta name="color-scheme" content="light dark" />
<title>${title} · taskhook</title>
<link rel="icon" href="assets/icon.svg?v=${assetVersion}" type="image/svg+xml" />
<link rel="stylesheet" href="assets/dashboard.css?v=${assetVersion}" />
<script src="assets/dashboard.js?v=${assetVersion}" defer></script>
${refresh}
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header>
<nav aria-label="Pages"><ul>${navigation}</ul></nav>
<form class="search" action="task" role="search">
<label for="search">Task</label>
<input id="search" name="id" type="search" required autocomplete="off" spellcheck="false" placeholder="task or delivery id" />
<button>Find</button>
</form>
<p id="live" role="status">${actor !== undefined && html`<span class="actor">${actor}</span>`}</p>
</header>
<main id="main" tabindex="-1">
${main}
</main>
</body>
</html>
`
}
