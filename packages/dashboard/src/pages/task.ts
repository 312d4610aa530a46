import { html, type Html } from '../html.ts'
import { drawSpans, fitAxis, type Axis } from '../parts/attempt-axis.ts'
import { toSpans } from '../parts/attempt-spans.ts'
import { linkToDeliveries, linkToDelivery } from '../parts/links.ts'
import { showState } from '../parts/show-state.ts'
import { showTime } from '../parts/show-time.ts'
import { readTask, type PlacedDetails, type TaskRow } from '../sources/read-task.ts'
import { describeDuration } from '../words/describe-duration.ts'
import { describeFailure } from '../words/describe-failure.ts'
import { describeWait } from '../words/describe-wait.ts'
import type { Page, PageContent } from './page.ts'

/** Everything that became of one task: events down, endpoints across, each attempt as a bar on a time axis. */
export const taskPage: Page = async ({ params, sources }) => {
  const taskId = params.get('id')?.trim() ?? ''
  const task = await readTask(sources, taskId)
  if (task.rows.length === 0) return findDelivery(taskId, sources)
  const { rows, columns, isCut } = task
  const all = rows.flatMap(({ cells }) => [...cells.values()].flat())
  const moments = all.flatMap(({ delivery }) => [
    delivery.acceptedAt.getTime(),
    ...(delivery.settledAt ? [delivery.settledAt.getTime()] : []),
    ...toSpans(delivery).flatMap(({ from, to }) => [from, to]),
  ])
  const axis = fitAxis(moments)
  return {
    title: `Task ${taskId}`,
    main: html`<h1>Task <span class="id">${taskId}</span></h1>
<p>From ${showTime(new Date(axis.from))} to ${showTime(new Date(axis.to))}, ${describeDuration(axis.to - axis.from)}. The order is kept at each endpoint: an
event waits until those above it are settled there.</p>
${
  isCut &&
  html`<p class="problem">Only the latest ${all.length} deliveries are shown. ${sources.map(
    ({ name }) => html`<a href="${linkToDeliveries(name, { taskId })}">All of ${name}</a> `,
  )}</p>`
}
<div class="scroll" role="region" aria-label="Events by endpoint" tabindex="0"><table class="cards timeline">
<thead><tr><th scope="col">Event</th>${columns.map(({ name }) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${rows.map((row) => showRow(row, columns, axis))}</tbody>
</table></div>`,
  }
}

function showRow(
  { eventType, acceptedAt, cells }: TaskRow,
  columns: readonly { key: string; name: string }[],
  axis: Axis,
): Html {
  return html`<tr><th scope="row" data-label="Event">${eventType}<br /><small>${showTime(acceptedAt)}</small></th>
${columns.map(
  ({ key, name }) =>
    html`<td data-label="${name}">${(cells.get(key) ?? []).map((placed) => showCell(placed, axis))}</td>`,
)}</tr>`
}

function showCell({ source, delivery }: PlacedDetails, axis: Axis): Html {
  const { id, attempts, eventType, waitsFor, state } = delivery
  const last = attempts.at(-1)
  const failure =
    last !== undefined && last.outcome !== 'delivered' && state !== 'delivered' && describeFailure(last)
  return html`<div id="cell-${id}">
<a href="${linkToDelivery(source.name, id)}">${showState(delivery)}<span class="hidden">, ${eventType}</span></a>
${drawSpans(axis, toSpans(delivery))}
<small>${attempts.length === 1 ? '1 attempt' : `${attempts.length} attempts`}${last && `, the last took ${describeDuration(last.durationInMs)}`}</small>
${failure && html`<p class="why">${failure.what} ${failure.remedy}</p>`}
${waitsFor !== undefined && html`<p class="why">${describeWait(waitsFor)}</p>`}
</div>`
}

/** The id may be that of a delivery: receivers log it as webhook-id. */
async function findDelivery(id: string, sources: Parameters<Page>[0]['sources']): Promise<PageContent> {
  const found = await Promise.all(
    sources.map(async (source) => ({ source, delivery: await source.deliveries.get(id) })),
  )
  const links = found.flatMap(({ source, delivery }) =>
    delivery === undefined
      ? []
      : [
          html`<li><a href="${linkToDelivery(source.name, id)}">${delivery.eventType} at ${delivery.endpointId}</a></li>`,
        ],
  )
  const names = sources.map(({ name }) => name).join(', ')
  return {
    title: links.length > 0 ? 'A delivery' : 'Not found',
    main:
      links.length > 0
        ? html`<h1>Not a task, but a delivery</h1><ul>${links}</ul>`
        : html`<h1>Nothing of <span class="id">${id}</span></h1>
<p>There is no task and no delivery of this id in ${names}. Ids are compared letter by letter. What was delivered is deleted after a time, 30 days if
nothing else is configured.</p>`,
    status: links.length > 0 ? 200 : 404,
  }
}
