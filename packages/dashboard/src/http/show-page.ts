import type { Visitor } from '../access/visitor.ts'
import { layOut } from '../pages/layout.ts'
import type { PageContent } from '../pages/page.ts'
import { respondWithPage } from './respond.ts'

/** A page with what stands around it. */
export function showPage(content: PageContent, path: string, { actor }: Partial<Visitor> = {}): Response {
  const { status, isLive = true, refreshInSeconds, title, main } = content
  return respondWithPage(layOut({ title, main, path, isLive, refreshInSeconds, actor }), status)
}
