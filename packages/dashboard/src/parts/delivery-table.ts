import type { DeliverySummary } from '@taskhook/outbox/tasks'
import { html, type Html } from '../html.ts'
import { linkToDelivery, linkToTask } from './links.ts'
import { showState } from './show-state.ts'
import { showTime } from './show-time.ts'

/** Deliveries of one outbox as a table, or as cards where it is narrow. */
export function showDeliveryTable(
  outbox: string,
  deliveries: readonly DeliverySummary[],
  label: string,
): Html {
  const rows = deliveries.map((delivery) => {
    const { id, eventType, taskId, endpointId, attemptCount, lastAttempt, acceptedAt } = delivery
    return html`<tr id="row-${id}">
<th scope="row" data-label="Event"><a href="${linkToDelivery(outbox, id)}">${eventType}</a></th>
<td data-label="Task"><a class="id" href="${linkToTask(taskId)}">${taskId}</a></td>
<td data-label="Endpoint">${endpointId}</td>
<td data-label="State">${showState(delivery)}</td>
<td data-label="Attempts" class="number">${attemptCount}</td>
<td data-label="Last answer">${lastAttempt?.errorCode ?? lastAttempt?.status ?? '–'}</td>
<td data-label="Accepted">${showTime(acceptedAt)}</td>
</tr>`
  })
  return html`<div class="scroll" role="region" aria-label="${label}" tabindex="0"><table class="cards">
<thead><tr><th scope="col">Event</th><th scope="col">Task</th><th scope="col">Endpoint</th><th scope="col">State</th><th scope="col">Attempts</th>
<th scope="col">Last answer</th><th scope="col">Accepted</th></tr></thead>
<tbody>${rows}</tbody></table></div>`
}
