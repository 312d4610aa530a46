import type { DeliverySummary } from '@taskhook/outbox/tasks'
import { html, type Html } from '../html.ts'
import { nameWait } from '../words/describe-wait.ts'
import { showTime } from './show-time.ts'

/** The state of a delivery as a word and a sign, so that it does not depend on colour alone. */
export function showState({ state, waitsFor, nextAttemptAt }: DeliverySummary): Html {
  const wait = waitsFor !== undefined && html` <span class="wait">${nameWait(waitsFor)}</span>`
  const until = nextAttemptAt !== undefined && html` <span class="wait">at ${showTime(nextAttemptAt)}</span>`
  return html`<span class="state ${state}">${state}</span>${wait}${until}`
}
