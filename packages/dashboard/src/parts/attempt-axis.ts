import { html, type Html } from '../html.ts'

/** An attempt, or a wait for one, in time. */
export interface AxisSpan {
  kind: 'delivered' | 'failed' | 'waits'
  /** Milliseconds since 1970. */
  from: number
  to: number
}

/** The time that an axis shows. */
export interface Axis {
  from: number
  to: number
}

const width = 1000
const height = 16
// Narrower ones could not be seen.
const leastWidth = 6

/** The axis on which all the spans are, a second long at least. */
export function fitAxis(moments: readonly number[]): Axis {
  const from = Math.min(...moments)
  return { from, to: Math.max(from + 1000, ...moments) }
}

/** Spans on a time axis, as a drawing. What it shows is said in words beside it, so it is hidden from screen readers. */
export function drawSpans({ from, to }: Axis, spans: readonly AxisSpan[]): Html {
  const scale = width / (to - from)
  const bars = spans.map((span) => {
    const x = Math.min((span.from - from) * scale, width - leastWidth)
    const length = Math.max(leastWidth, (span.to - span.from) * scale)
    const isWait = span.kind === 'waits'
    const y = isWait ? height / 2 - 1 : 0
    return html`<rect class="${span.kind}" x="${round(x)}" y="${y}" width="${round(length)}" height="${isWait ? 2 : height}" />`
  })
  return html`<svg class="axis" viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" aria-hidden="true">${bars}</svg>`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
