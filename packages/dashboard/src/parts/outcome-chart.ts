import { html, type Html } from '../html.ts'
import type { OutcomeStep } from '../sources/outcome-steps.ts'
import { showTime } from './show-time.ts'

const barWidth = 10
const height = 60

/** Attempts over time as bars, those that delivered below those that failed; and the same as a table. */
export function showOutcomes(steps: readonly OutcomeStep[], stepInMinutes: number): Html {
  const most = Math.max(1, ...steps.map(({ delivered, failed }) => delivered + failed))
  const [delivered, failed] = [
    sum(steps.map((step) => step.delivered)),
    sum(steps.map((step) => step.failed)),
  ]
  const bars = steps.map((step, index) => {
    const good = scale(step.delivered, most)
    const bad = scale(step.failed, most)
    const x = index * barWidth
    return html`<rect class="delivered" x="${x}" y="${height - good}" width="${barWidth - 1}" height="${good}" /><rect class="failed" x="${x}" y="${height - good - bad}" width="${barWidth - 1}" height="${bad}" />`
  })
  const rows = steps
    .filter((step) => step.delivered + step.failed > 0)
    .map(
      (step) =>
        html`<tr><th scope="row">${showTime(step.from)}</th><td class="number">${step.delivered}</td><td class="number">${step.failed}</td></tr>`,
    )
  const [first] = steps
  return html`<p>Attempts since ${first && showTime(first.from)}: <span class="state delivered">${delivered} delivered</span>, <span class="state failed">${failed} failed</span>. Each bar is ${stepInMinutes} minutes, the highest ${most}.</p>
<svg class="chart" viewBox="0 0 ${steps.length * barWidth} ${height}" preserveAspectRatio="none" aria-hidden="true">${bars}</svg>
${
  rows.length > 0 &&
  html`<details><summary>As a table</summary><table class="headers"><thead><tr><th scope="col">From</th><th scope="col">Delivered</th><th scope="col">Failed</th></tr></thead><tbody>${rows}</tbody></table></details>`
}`
}

// One is seen beside a thousand.
function scale(count: number, most: number): number {
  return count === 0 ? 0 : Math.max(1, Math.round((count / most) * (height - 2)))
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}
