import { assetVersion } from '../assets/assets.ts'
import { createLiveStream } from '../live/live-stream.ts'
import type { PageContext } from '../pages/page.ts'
import { pages } from '../pages/pages.ts'
import type { AnswerContext } from './answer-context.ts'
import { respond } from './respond.ts'

/** Keeps a page right while it is open: its address below the dashboard's own is in `view`. */
export function answerLive(request: Request, { hub, now }: AnswerContext, context: PageContext): Response {
  const view = context.params.get('view') ?? ''
  const [path = '', query = ''] = view.split('?', 2)
  const page = pages.get(path)
  if (page === undefined)
    return respond(404, 'There is no such page.\n', { 'content-type': 'text/plain; charset=utf-8' })
  const { visitor } = context
  const params = new URLSearchParams(query)
  const body = createLiveStream(hub, {
    // Who looks at it makes no difference to a page; what they may do does.
    key: `${visitor.level} ${path}?${params.toString()}`,
    signal: request.signal,
    async render() {
      const { title, main } = await page({ ...context, params, now: now() })
      return { type: 'page', version: assetVersion, title, main: main.markup }
    },
  })
  return respond(200, body, {
    'content-type': 'text/event-stream; charset=utf-8',
    // nginx would hold events back until its buffer is full.
    'x-accel-buffering': 'no',
  })
}
