import type { DeliveryFilter } from '@taskhook/outbox/tasks'
import { parseDeliveryQuery, formatDeliveryQuery, formatTime } from '../filters/delivery-query.ts'
import { deliveryStates } from '../filters/delivery-states.ts'
import { html, type Html } from '../html.ts'
import { showDeliveryTable } from '../parts/delivery-table.ts'
import { linkToPreview } from '../parts/links.ts'
import { searchDeliveries } from '../sources/search-deliveries.ts'
import type { Source } from '../sources/source.ts'
import { findSource } from './find-source.ts'
import { notFound } from './not-found.ts'
import type { Page, PageContext } from './page.ts'

/** Deliveries that match what the address says, latest accepted or resent first, a page at a time. */
export const deliveriesPage: Page = async (context) => {
  const { outbox, filter, problems } = parseDeliveryQuery(context.params)
  const source = findSource(context.sources, outbox)
  if (source === undefined) return notFound(`There is no outbox “${outbox}”.`)
  const cursor = context.params.get('cursor') ?? undefined
  const [page, endpointIds] = await Promise.all([
    searchDeliveries(source, filter, cursor),
    listEndpointIds(source),
  ])
  const { deliveries, nextCursor, lookedAt } = page
  return {
    title: 'Deliveries',
    main: html`<h1>Deliveries</h1>
${showForm(context, source, filter, endpointIds)}
${problems.map((problem) => html`<p class="problem" role="alert">${problem}</p>`)}
${problems.length === 0 && context.visitor.level === 'operate' && showActions(source.name, filter)}
${
  deliveries.length === 0
    ? html`<p>No delivery matches.</p>`
    : showDeliveryTable(source.name, deliveries, 'Deliveries that match')
}
${
  lookedAt !== undefined &&
  html`<p class="problem">Events, times and endpoints have no index: ${lookedAt.toLocaleString('en')} of the latest deliveries were looked at, and older ones may match. A task id or
a state finds at once.</p>`
}
${showPager(source.name, filter, cursor, nextCursor, lookedAt === undefined ? 'Earlier' : 'Look further')}`,
  }
}

async function listEndpointIds({ endpoints }: Source): Promise<string[]> {
  return (await endpoints.list({ countLimit: 1 })).map(({ id }) => id)
}

function showForm(
  { sources }: PageContext,
  source: Source,
  filter: DeliveryFilter,
  endpointIds: readonly string[],
): Html {
  const { state, endpointId, taskId, eventType, acceptedFrom, acceptedBefore } = filter
  const names = sources.map(({ name }) => name)
  return html`<form class="filter" action="deliveries" data-keep>
${
  names.length > 1 &&
  html`<p><label for="outbox">Outbox</label><select id="outbox" name="outbox">${showOptions(names, source.name)}</select></p>`
}
<p><label for="state">State</label><select id="state" name="state"><option value="">any</option>${showOptions(deliveryStates, state)}</select></p>
<p><label for="endpoint">Endpoint</label><select id="endpoint" name="endpoint"><option value="">any</option>${showOptions(
    endpointId === undefined || endpointIds.includes(endpointId) ? endpointIds : [...endpointIds, endpointId],
    endpointId,
  )}</select></p>
<p><label for="task">Task</label><input id="task" name="task" value="${taskId}" autocomplete="off" spellcheck="false" /></p>
<p><label for="event">Event</label><input id="event" name="event" value="${eventType}" autocomplete="off" spellcheck="false" /></p>
<p><label for="from">Accepted from (UTC)</label><input id="from" name="from" type="datetime-local" step="1" value="${acceptedFrom && formatTime(acceptedFrom)}" /></p>
<p><label for="before">before (UTC)</label><input id="before" name="before" type="datetime-local" step="1" value="${acceptedBefore && formatTime(acceptedBefore)}" /></p>
<p><button>Filter</button> <a href="deliveries">All</a></p>
</form>`
}

function showOptions(values: readonly string[], selected: string | undefined): Html[] {
  return values.map(
    (value) => html`<option value="${value}"${value === selected && html` selected`}>${value}</option>`,
  )
}

function showActions(outbox: string, filter: DeliveryFilter): Html {
  const { state } = filter
  // What has no state in its filter is resent as resendAll does it: the exhausted ones.
  const resend = state ?? 'exhausted'
  const query = (one: DeliveryFilter) => formatDeliveryQuery(outbox, one)
  const canceled = state === undefined ? 'pending' : state
  const mayCancel = canceled === 'pending' || canceled === 'held'
  return html`<p class="actions">
<a class="button" href="${linkToPreview('resend-all', query({ ...filter, state: resend }))}">Resend all ${resend} that match…</a>
${mayCancel && html`<a class="button" href="${linkToPreview('cancel-all', query({ ...filter, state: canceled }))}">Cancel all ${canceled} that match…</a>`}
</p>`
}

function showPager(
  outbox: string,
  filter: DeliveryFilter,
  cursor: string | undefined,
  nextCursor: string | undefined,
  next: string,
): Html {
  const first = formatDeliveryQuery(outbox, filter)
  const following = new URLSearchParams(first)
  if (nextCursor !== undefined) following.set('cursor', nextCursor)
  return html`<nav class="pager" aria-label="Pages of the list">
${cursor !== undefined && html`<a rel="first" href="deliveries?${first.toString()}">Latest</a>`}
${nextCursor !== undefined && html`<a rel="next" href="deliveries?${following.toString()}">${next}</a>`}
</nav>`
}
