import { parseAction } from '../actions/action-request.ts'
import { findDoubt, parseRate } from '../actions/confirmation.ts'
import { countMatching } from '../actions/count-matching.ts'
import { runAction } from '../actions/run-action.ts'
import { linkToJob } from '../pages/jobs.ts'
import type { PageContext } from '../pages/page.ts'
import { showPreview } from '../pages/preview.ts'
import { problem } from '../pages/problem.ts'
import { redirect } from './respond.ts'
import { showPage } from './show-page.ts'

const longestForm = 16 * 1024

/** Does what a form asks for, once it was confirmed as things are now. */
export async function answerAction(request: Request, context: PageContext): Promise<Response> {
  const { visitor, sources, jobs } = context
  const form = await readForm(request)
  if (form === undefined)
    return showPage(problem(400, 'Not possible', 'The form cannot be read.'), 'action', visitor)
  if (form.get('do') === 'stop') {
    const id = form.get('id') ?? ''
    jobs.stop(id)
    return redirect(linkToJob(id))
  }
  const asked = parseAction(form, sources)
  if (typeof asked === 'string') return showPage(problem(400, 'Not possible', asked), 'action', visitor)
  const perSecond = parseRate(form.get('perSecond'))
  if (perSecond === undefined) {
    return showPage(
      await showPreview(asked, 'A rate is a number above 0, and at most 1000.'),
      'action',
      visitor,
    )
  }
  if ('filter' in asked) {
    const doubt = findDoubt(await countMatching(asked.source, asked.filter), form)
    if (doubt !== undefined) return showPage(await showPreview(asked, doubt), 'action', visitor)
  }
  const answered = await runAction(asked, perSecond, context)
  if ('refusal' in answered)
    return showPage(problem(409, 'Nothing was changed', answered.refusal), 'action', visitor)
  return redirect(answered.location)
}

async function readForm(request: Request): Promise<URLSearchParams | undefined> {
  const type = request.headers.get('content-type') ?? ''
  if (!/^application\/x-www-form-urlencoded(?:;|$)/i.test(type)) return undefined
  try {
    const text = await request.text()
    return text.length > longestForm ? undefined : new URLSearchParams(text)
  } catch {
    return undefined
  }
}
