import { html, type Html } from '../html.ts'

/**
 * A moment, in UTC. With scripts the browser adds how long ago that is, or in how long, and keeps it right; the markup itself changes
 * only when the moment does.
 */
export function showTime(time: Date): Html {
  const iso = time.toISOString()
  return html`<time datetime="${iso}">${iso.slice(0, 19).replace('T', ' ')} UTC</time>`
}
