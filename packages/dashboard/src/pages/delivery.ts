import type { AttemptSummary, DeliveryDetails } from '@taskhook/outbox/tasks'
import { html, type Html } from '../html.ts'
import { drawSpans, fitAxis } from '../parts/attempt-axis.ts'
import { toSpans } from '../parts/attempt-spans.ts'
import { linkToPreview, linkToTask } from '../parts/links.ts'
import { showState } from '../parts/show-state.ts'
import { showTime } from '../parts/show-time.ts'
import type { RedactContext } from '../redact.ts'
import type { Source } from '../sources/source.ts'
import { describeDuration } from '../words/describe-duration.ts'
import { describeFailure } from '../words/describe-failure.ts'
import { describeWait } from '../words/describe-wait.ts'
import { toCurl } from '../words/to-curl.ts'
import { findSource } from './find-source.ts'
import { notFound } from './not-found.ts'
import type { Page, PageContext } from './page.ts'

const notes: Readonly<Record<string, string>> = {
  resend: 'It was given to be resent.',
  cancel: 'It was canceled.',
}

/** One delivery: what was sent, each attempt with its answer, what went wrong and what to do. */
export const deliveryPage: Page = async (context) => {
  const { params, sources, visitor } = context
  const source = findSource(sources, params.get('outbox'))
  const id = params.get('id') ?? ''
  const delivery = await source?.deliveries.get(id)
  if (source === undefined || delivery === undefined) {
    return notFound(`There is no delivery “${id}”. What was delivered is deleted after a time.`)
  }
  const { eventType, endpointId, taskId, acceptedAt, settledAt, idempotencyKey, waitsFor, attempts } =
    delivery
  const note = notes[params.get('did') ?? '']
  const spans = toSpans(delivery)
  const axis = fitAxis([acceptedAt.getTime(), ...spans.flatMap(({ from, to }) => [from, to])])
  return {
    title: `${eventType} at ${endpointId}`,
    main: html`<h1>${eventType} at ${endpointId}</h1>
${note !== undefined && html`<p class="verdict good" role="status">${note}</p>`}
<p>${showState(delivery)}</p>
${waitsFor !== undefined && html`<p>${describeWait(waitsFor)}</p>`}
${visitor.level === 'operate' && showActions(source.name, delivery)}
<dl>
<dt>Task</dt><dd><a class="id" href="${linkToTask(taskId)}">${taskId}</a></dd>
<dt>Delivery</dt><dd class="id">${id}</dd>
<dt>Outbox</dt><dd>${source.name}</dd>
<dt>Accepted</dt><dd>${showTime(acceptedAt)}</dd>
${settledAt !== undefined && html`<dt>Settled</dt><dd>${showTime(settledAt)}</dd>`}
${idempotencyKey !== undefined && html`<dt>Idempotency key</dt><dd class="id">${idempotencyKey}</dd>`}
</dl>
<h2>Attempts: ${attempts.length}</h2>
${attempts.length > 0 && drawSpans(axis, spans)}
${attempts.map((attempt) => showAttempt(attempt, source, delivery, context))}
${showRequest(source, delivery, context)}`,
  }
}

function showActions(outbox: string, { id, state }: DeliveryDetails): Html {
  return html`<p class="actions"><a class="button" href="${linkToPreview('resend', { outbox, id })}">Resend…</a>
${(state === 'pending' || state === 'held') && html`<a class="button" href="${linkToPreview('cancel', { outbox, id })}">Cancel…</a>`}</p>`
}

function showAttempt(
  attempt: AttemptSummary,
  source: Source,
  delivery: DeliveryDetails,
  { redact }: PageContext,
): Html {
  const {
    number,
    startedAt,
    durationInMs,
    outcome,
    status,
    errorCode,
    errorMessage,
    response,
    nextAttemptAt,
  } = attempt
  const isDelivered = outcome === 'delivered'
  const { what, remedy } = describeFailure(attempt)
  const answer = response && redact(response.excerpt, toRedactContext('answer', source, delivery))
  return html`<section id="attempt-${number}" class="attempt" aria-labelledby="attempt-${number}-title">
<h3 id="attempt-${number}-title">Attempt ${number}: <span class="state ${isDelivered ? 'delivered' : 'exhausted'}">${
    isDelivered ? 'delivered' : outcome === 'gone' ? 'gone' : 'failed'
  }</span></h3>
<p>${showTime(startedAt)}, took ${describeDuration(durationInMs)}${status !== undefined && `, status ${status}`}${
    errorCode !== undefined && html`, <code>${errorCode}</code>`
  }</p>
${!isDelivered && html`<p class="why"><strong>${what}</strong> ${remedy}</p>`}
${errorMessage !== undefined && html`<p class="why">${errorMessage}</p>`}
${nextAttemptAt !== undefined && html`<p>The next one was planned for ${showTime(nextAttemptAt)}.</p>`}
${
  response !== undefined &&
  html`<details${!isDelivered && html` open`}><summary>Answer of the receiver</summary>
${showHeaders(Object.entries(response.headers), 'Headers of the answer')}
${answer === '' ? html`<p>The body is empty.</p>` : showText(answer ?? '', `answer-${number}`, 'Body of the answer')}
${response.truncated && html`<p>Only its beginning is kept.</p>`}
</details>`
}
</section>`
}

function showRequest(source: Source, delivery: DeliveryDetails, { redact }: PageContext): Html {
  const { id, payload } = delivery
  const shown = redact(payload, toRedactContext('payload', source, delivery))
  if (source.isInbox)
    return html`<h2>What was accepted</h2>${showText(shown, 'payload', 'What was accepted')}`
  const headers: [string, string][] = [
    ['content-type', 'application/json'],
    ['webhook-id', id],
  ]
  return html`<h2>Request</h2>
<p>The headers that are the same at every attempt. Those with a time, a signature or a secret are made for each attempt and are not kept.</p>
${showHeaders(headers, 'Headers of the request')}
<h3>Body, ${Buffer.byteLength(payload)} bytes</h3>
${showText(shown, 'payload', 'Body of the request')}
<h3>As a command</h3>
<p>Without a signature. <code>taskhook send</code> signs it.</p>
${showText(toCurl(headers, shown), 'curl', 'The request as curl')}`
}

function showHeaders(headers: readonly (readonly [string, string])[], label: string): Html | false {
  if (headers.length === 0) return false
  const rows = headers.map(
    ([name, value]) => html`<tr><th scope="row">${name}</th><td class="id">${value}</td></tr>`,
  )
  return html`<div class="scroll" role="region" aria-label="${label}" tabindex="0"><table class="headers"><tbody>${rows}</tbody></table></div>`
}

// Scripts put a button beside it that copies it.
function showText(text: string, id: string, label: string): Html {
  return html`<pre id="${id}" data-copy="${label}" role="region" aria-label="${label}" tabindex="0">${text}</pre>`
}

function toRedactContext(
  part: RedactContext['part'],
  source: Source,
  delivery: DeliveryDetails,
): RedactContext {
  const { endpointId, taskId, eventType } = delivery
  return { part, outbox: source.name, endpointId, taskId, eventType }
}
