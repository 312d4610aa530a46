import { defaultPerSecond, wordToType } from '../actions/confirmation.ts'
import { countMatching } from '../actions/count-matching.ts'
import { nameAction } from '../actions/name-action.ts'
import { parseAction, toFields, type ActionRequest } from '../actions/action-request.ts'
import { html, type Html } from '../html.ts'
import { showDeliveryTable } from '../parts/delivery-table.ts'
import { linkToDeliveries, linkToTask } from '../parts/links.ts'
import { mostCounted } from '../sources/read-overview.ts'
import { describeCount } from '../words/describe-count.ts'
import { describeDuration } from '../words/describe-duration.ts'
import { notFound } from './not-found.ts'
import type { Page, PageContent } from './page.ts'

/** Shows what an action would do, and asks for it to be confirmed. */
export const previewPage: Page = async ({ params, sources, visitor }) => {
  const request = parseAction(params, sources)
  if (typeof request === 'string') return { ...notFound(request), title: 'Not possible', status: 400 }
  if (visitor.level !== 'operate') {
    return {
      title: 'Not allowed',
      main: html`<h1>You may look, but not change anything</h1>`,
      status: 403,
      isLive: false,
    }
  }
  return showPreview(request)
}

/** The page that asks for a confirmation; with a doubt, why it is asked for again. */
export async function showPreview(request: ActionRequest, doubt?: string): Promise<PageContent> {
  const effect = await describeEffect(request)
  if (effect === undefined) return notFound('What was to be changed is not there any more.')
  const name = nameAction(request)
  return {
    title: name,
    main: html`<h1>${name}</h1>
${doubt !== undefined && html`<p class="problem" role="alert">${doubt}</p>`}
${effect.shown}
${
  effect.isEmpty !== true &&
  html`<form class="confirm" action="action" method="post">
${toFields(request).map(([field, value]) => html`<input type="hidden" name="${field}" value="${value}" />`)}
${effect.fields}
<p><button class="danger">${name}</button> <a href="${effect.back}">Leave everything as it is</a></p>
</form>`
}`,
    isLive: false,
    ...(doubt !== undefined && { status: 409 }),
  }
}

interface Effect {
  shown: Html
  fields?: Html
  back: string
  isEmpty?: boolean
}

async function describeEffect(request: ActionRequest): Promise<Effect | undefined> {
  if ('filter' in request) return describeMany(request)
  if ('endpointId' in request) return describeEndpoint(request)
  const { action, source, deliveryId } = request
  const delivery = await source.deliveries.get(deliveryId)
  if (delivery === undefined) return undefined
  const back = linkToDeliveries(source.name, { taskId: delivery.taskId })
  const table = showDeliveryTable(source.name, [delivery], 'The delivery')
  if (action === 'cancel') {
    const isEmpty = delivery.state !== 'pending' && delivery.state !== 'held'
    const words = isEmpty
      ? 'It is not pending, so there is nothing to cancel.'
      : 'It is given up, and the next one of its task goes on. An attempt that is under way goes on; if the receiver takes it, it is delivered after all.'
    return { shown: html`<p>${words}</p>${table}`, back, isEmpty }
  }
  const words =
    delivery.state === 'pending' || delivery.state === 'held'
      ? 'It keeps its place, and waits no longer: it is attempted as soon as it is its turn.'
      : 'It is delivered once more under the same id, so that the receiver tells the repeat. It goes last of its task, so that the order of what waits is kept.'
  return { shown: html`<p>${words}</p>${table}`, back }
}

async function describeEndpoint({
  action,
  source,
  endpointId,
}: Extract<ActionRequest, { endpointId: string }>): Promise<Effect | undefined> {
  const endpoints = await source.endpoints.list({ countLimit: mostCounted })
  const endpoint = endpoints.find(({ id }) => id === endpointId)
  if (endpoint === undefined) return undefined
  const waiting = `${describeCount(endpoint.pending)} pending there.`
  const words =
    action === 'pause'
      ? 'Nothing more is attempted there. Events are accepted, and wait until it is resumed.'
      : 'What has waited flows, each task in its order. A circuit that is open is closed.'
  return { shown: html`<p>${words} ${waiting}</p>`, back: './' }
}

const shownTasks = 10
const shownRates = [1, 10, 100]

async function describeMany({
  action,
  source,
  filter,
}: Extract<ActionRequest, { filter: unknown }>): Promise<Effect> {
  const matching = await countMatching(source, filter)
  const { count, isMore, latest } = matching
  const back = linkToDeliveries(source.name, filter)
  if (count === 0)
    return { shown: html`<p>No delivery matches.</p><p><a href="${back}">Back</a></p>`, back, isEmpty: true }
  const tasks = [...new Set(latest.map(({ taskId }) => taskId))]
  const word = wordToType(matching)
  const isResend = action === 'resend-all'
  const times = shownRates.map(
    (rate) => html`<li>${rate} a second: ${describeDuration((count / rate) * 1000)}</li>`,
  )
  return {
    shown: html`<p><strong>${count}${isMore && ' and more'}</strong> ${count === 1 ? 'delivery matches' : 'deliveries match'}.
${isResend ? 'They are resent in the order accepted; each task keeps its order.' : 'They are given up, and what comes after them goes on.'}</p>
${isMore && html`<p class="problem">They were counted up to ${count}. All that match are changed, those that were not counted too.</p>`}
<h2>Tasks</h2><ul>${tasks.slice(0, shownTasks).map((taskId) => html`<li><a class="id" href="${linkToTask(taskId)}">${taskId}</a></li>`)}</ul>
${(tasks.length > shownTasks || latest.length < count) && html`<p>These are the latest. <a href="${back}">All that match</a></p>`}
${isResend && html`<h2>How long it takes</h2><ul>${times}</ul>`}`,
    fields: html`<input type="hidden" name="expected" value="${isMore ? Number.MAX_SAFE_INTEGER : count}" />
${
  isResend &&
  html`<p><label for="per-second">Deliveries a second</label>
<input id="per-second" name="perSecond" type="number" min="0.1" max="1000" step="any" value="${defaultPerSecond}" required /></p>`
}
${
  word !== undefined &&
  html`<p><label for="typed">Type ${word} to confirm</label>
<input id="typed" name="typed" inputmode="numeric" autocomplete="off" required pattern="\\s*${word}\\s*" /></p>`
}`,
    back,
  }
}
