import { TaskhookError } from '@taskhook/core'
import { findForeignOrigin } from '../access/find-foreign-origin.ts'
import { findVisitor, type Visitor } from '../access/visitor.ts'
import { findAsset } from '../assets/assets.ts'
import { pages } from '../pages/pages.ts'
import { outboxAway, problem } from '../pages/problem.ts'
import { answerAction } from './answer-action.ts'
import type { AnswerContext } from './answer-context.ts'
import { answerLive } from './answer-live.ts'
import { findMountPath } from './mount-path.ts'
import { redirect, respond } from './respond.ts'
import { showPage } from './show-page.ts'

/** Answers a request. The first question is who it is, whatever is asked for. */
export async function answer(request: Request, context: AnswerContext): Promise<Response> {
  const url = new URL(request.url)
  const basePath = context.basePath || (findMountPath(request) ?? '')
  // Links are relative to a path that ends in a slash.
  if (url.pathname === basePath && basePath !== '') {
    return redirect(`${basePath.slice(basePath.lastIndexOf('/') + 1)}/${url.search}`)
  }

  let visitor: Visitor | undefined
  try {
    visitor = await findVisitor(context.access, request)
  } catch (error) {
    warn(error, 'TASKHOOK_DASHBOARD_ACCESS')
    return refuse(
      500,
      'Not let in',
      'The access check of this dashboard failed. The process has a warning that says why.',
    )
  }
  if (visitor === undefined) {
    const words =
      context.access === undefined
        ? 'This dashboard is closed: createDashboard() was given no "access". Give it a function that says who may look and who may change something.'
        : 'The access check of this dashboard does not let this request in.'
    return refuse(403, 'Not let in', words)
  }
  if (!url.pathname.startsWith(`${basePath}/`))
    return refuse(404, 'Not found', `This dashboard is at ${basePath}/.`)
  const path = url.pathname.slice(basePath.length + 1)
  const pageContext = { ...context, params: url.searchParams, visitor, now: context.now() }

  if (request.method === 'POST') {
    if (path !== 'action')
      return refuse(405, 'Not possible', 'Nothing can be changed here.', { allow: 'GET, HEAD' })
    const foreign = findForeignOrigin(request)
    if (foreign !== undefined)
      return refuse(403, 'Refused', `${foreign}. Changes are made from this dashboard's own pages.`)
    if (visitor.level !== 'operate')
      return refuse(403, 'Not allowed', 'You may look, but not change anything.')
    return guard(() => answerAction(request, pageContext))
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return refuse(405, 'Not possible', 'Pages are asked for by GET.', { allow: 'GET, HEAD, POST' })
  }
  if (path.startsWith('assets/')) return answerAsset(path.slice('assets/'.length))
  if (path === 'live') return answerLive(request, context, pageContext)
  const page = pages.get(path)
  if (page === undefined) return refuse(404, 'Not found', 'There is no such page.')
  return guard(async () => showPage(await page(pageContext), path, visitor))
}

/** An outbox that does not answer is said to be away. What else is thrown is a mistake of ours, and told to the process. */
async function guard(makeResponse: () => Promise<Response>): Promise<Response> {
  try {
    return await makeResponse()
  } catch (error) {
    if (TaskhookError.isInstance(error) && error.code === 'option_invalid') {
      return showPage(
        problem(400, 'Not possible', 'The address of this page has something that cannot be.'),
        '',
      )
    }
    if (TaskhookError.isInstance(error)) return showPage(outboxAway(), '')
    warn(error, 'TASKHOOK_DASHBOARD_FAILED')
    return showPage(problem(500, 'This page failed', 'The process has a warning that says why.'), '')
  }
}

function warn(error: unknown, code: string): void {
  process.emitWarning(error instanceof Error ? error : new Error(String(error)), { code })
}

function refuse(
  status: number,
  title: string,
  words: string,
  headers: Record<string, string> = {},
): Response {
  return respond(status, `${title}. ${words}\n`, { 'content-type': 'text/plain; charset=utf-8', ...headers })
}

function answerAsset(name: string): Response {
  const asset = findAsset(name)
  if (asset === undefined) return refuse(404, 'Not found', 'There is no such file.')
  return respond(200, asset.body, {
    'content-type': asset.contentType,
    // The address has a version.
    'cache-control': 'private, max-age=31536000, immutable',
  })
}
