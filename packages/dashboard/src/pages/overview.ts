import type { EndpointStatus } from '@taskhook/outbox'
import { html, type Html } from '../html.ts'
import { linkToDeliveries, linkToPreview } from '../parts/links.ts'
import { showOutcomes } from '../parts/outcome-chart.ts'
import { showTime } from '../parts/show-time.ts'
import { stepInMinutes } from '../sources/outcome-steps.ts'
import { readOverview, type SourceOverview } from '../sources/read-overview.ts'
import { nameCount } from '../words/describe-count.ts'
import { findConcerns, type Concern } from '../words/find-concerns.ts'
import type { Page, PageContext } from './page.ts'

/** Is something broken that someone must act on? Every endpoint, how much waits there and for how long. */
export const overviewPage: Page = async (context) => {
  const overviews = await Promise.all(context.sources.map((source) => readOverview(source, context.now)))
  const concerns = overviews.flatMap((overview) => findConcerns(overview, context.now))
  return {
    title: concerns.length === 0 ? 'All is well' : `${concerns.length} to act on`,
    main: html`<h1>Overview</h1>
${showConcerns(concerns)}
${overviews.map((overview) => showSource(overview, context))}`,
  }
}

function showConcerns(concerns: readonly Concern[]): Html {
  if (concerns.length === 0)
    return html`<p class="verdict good">Nothing is broken: there is nothing to act on.</p>`
  return html`<section class="verdict bad" aria-labelledby="concerns">
<h2 id="concerns">To act on: ${concerns.length}</h2>
<ul>${concerns.map(({ what, remedy, link }) => html`<li><a href="${link}">${what}</a> ${remedy}</li>`)}</ul>
</section>`
}

function showSource(overview: SourceOverview, { visitor, now }: PageContext): Html {
  const { source, endpoints } = overview
  const mostPending = Math.max(1, ...endpoints.map(({ pending }) => pending))
  const ages = endpoints.map(({ oldestPendingAgeInMs = 0 }) => oldestPendingAgeInMs)
  const highestAge = Math.max(1, ...ages)
  const mayOperate = visitor.level === 'operate'
  const rows = endpoints.map((endpoint) => {
    const { id, pending, oldestPendingAgeInMs: ageInMs, lastSuccessAt, lastFailureAt } = endpoint
    return html`<tr>
<th scope="row" data-label="Endpoint"><a href="${linkToDeliveries(source.name, { endpointId: id })}">${id}</a></th>
<td data-label="State">${showEndpointState(endpoint)}</td>
<td data-label="Pending" class="number"><a href="${linkToDeliveries(source.name, { endpointId: id, state: 'pending' })}">${nameCount(pending)}</a>
${showBar(pending / mostPending)}</td>
<td data-label="Oldest pending" class="number">${ageInMs === undefined ? '–' : showTime(new Date(now - ageInMs))}
${showBar((ageInMs ?? 0) / highestAge)}</td>
<td data-label="Last success">${lastSuccessAt ? showTime(lastSuccessAt) : '–'}</td>
<td data-label="Last failure">${lastFailureAt ? showTime(lastFailureAt) : '–'}</td>
${mayOperate && html`<td data-label="Change">${showChange(source.name, endpoint)}</td>`}
</tr>`
  })
  return html`<section>
<h2>${source.name}</h2>
${showExhausted(overview)}
${
  endpoints.length === 0
    ? html`<p>No endpoint is known yet.</p>`
    : html`<div class="scroll" role="region" aria-label="Endpoints of ${source.name}" tabindex="0"><table class="cards">
<thead><tr><th scope="col">Endpoint</th><th scope="col">State</th><th scope="col">Pending</th><th scope="col">Oldest pending</th>
<th scope="col">Last success</th><th scope="col">Last failure</th>${mayOperate && html`<th scope="col">Change</th>`}</tr></thead>
<tbody>${rows}</tbody></table></div>`
}
${showOutcomes(overview.outcomes, stepInMinutes)}
</section>`
}

function showExhausted({ source, exhausted: { count, isMore, since } }: SourceOverview): Html {
  const link = linkToDeliveries(source.name, { state: 'exhausted' })
  const counted = `${count}${isMore ? ' or more' : ''}`
  return html`<p>Exhausted since ${showTime(since)}: <a href="${link}">${counted}</a></p>`
}

function showEndpointState({ paused, circuit, isDispatched }: EndpointStatus): Html {
  if (paused?.reason === 'gone')
    return html`<span class="state exhausted">gone</span> since ${showTime(paused.since)}`
  if (paused !== undefined)
    return html`<span class="state canceled">paused</span> since ${showTime(paused.since)}`
  if (circuit.state === 'open') {
    const until = circuit.until && html`, next probe ${showTime(circuit.until)}`
    return html`<span class="state exhausted">circuit open</span> since ${showTime(circuit.since)}${until}`
  }
  if (!isDispatched) return html`<span class="state canceled">not started</span>`
  return html`<span class="state delivered">open</span>`
}

function showChange(outbox: string, { id, paused, circuit }: EndpointStatus): Html {
  const isStopped = paused !== undefined || circuit.state === 'open'
  const action = isStopped ? 'resume' : 'pause'
  const name = isStopped ? 'Resume' : 'Pause'
  return html`<a class="button" href="${linkToPreview(action, { outbox, endpoint: id })}">${name}<span class="hidden"> ${id}</span></a>`
}

// A width is no style: the content security policy allows no style attribute.
function showBar(share: number): Html {
  const width = share === 0 ? 0 : Math.max(2, Math.round(share * 100))
  return html`<svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect width="${width}" height="6" /></svg>`
}
