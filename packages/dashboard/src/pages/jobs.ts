import type { Job } from '../actions/jobs.ts'
import { html, type Html } from '../html.ts'
import { showTime } from '../parts/show-time.ts'
import { notFound } from './not-found.ts'
import type { Page, PageContext } from './page.ts'

/** The changes of many deliveries that were started here. */
export const jobsPage: Page = async ({ jobs }) => {
  const list = jobs.list()
  return {
    title: 'Jobs',
    main: html`<h1>Jobs</h1>
<p>Changes of many deliveries. They run in the process that serves this page, and end with it: what they have changed stays.</p>
${list.length === 0 && html`<p>None was started.</p>`}
<ul class="jobs">${list.map((job) => html`<li><a href="${linkToJob(job.id)}">${job.title}</a>: ${showProgress(job)}</li>`)}</ul>`,
  }
}

/** One of them: how far it is, and a button that stops it. */
export const jobPage: Page = async ({ params, jobs, visitor }: PageContext) => {
  const job = jobs.find(params.get('id') ?? '')
  if (job === undefined) {
    return notFound(
      'There is no such job. Jobs end with the process that they run in; what they have changed stays.',
    )
  }
  const { id, title, link, actor, state, changed, total, startedAt, endedAt } = job
  return {
    title,
    main: html`<h1>${title}</h1>
<p role="status">${showProgress(job)}</p>
<progress aria-label="Progress" value="${changed}" max="${Math.max(1, total ?? 1)}"></progress>
<dl><dt>Started</dt><dd>${showTime(startedAt)}${actor !== undefined && ` by ${actor}`}</dd>
${endedAt !== undefined && html`<dt>Ended</dt><dd>${showTime(endedAt)}</dd>`}</dl>
${
  state === 'running' &&
  visitor.level === 'operate' &&
  html`<form action="action" method="post"><input type="hidden" name="do" value="stop" /><input type="hidden" name="id" value="${id}" />
<p><button class="danger">Stop</button></p></form>`
}
<p><a href="${link}">What matches now</a></p>`,
    ...(endedAt === undefined && { refreshInSeconds: 2 }),
  }
}

/** The address of a job's page. */
export function linkToJob(id: string): string {
  return `job?${new URLSearchParams({ id }).toString()}`
}

const stateWords: Readonly<Record<Job['state'], string>> = {
  running: 'under way',
  stopping: 'is being stopped',
  stopped: 'stopped',
  done: 'done',
  failed: 'failed: the outbox did not answer',
}

function showProgress({ state, changed, total }: Job): Html {
  return html`${stateWords[state]}, ${changed}${total !== undefined && ` of ${total}`} changed`
}
