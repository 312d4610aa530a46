/** What a visitor may do: nothing, look, or look and change. */
export type AccessLevel = 'none' | 'read' | 'operate'

/** The level, or the level and who it is, for the record. */
export type AccessAnswer = AccessLevel | { level: AccessLevel; actor?: string | undefined }

/** Says what a request may do. It has the cookies and headers that the application's own login goes by. */
export type Access = (request: Request) => AccessAnswer | Promise<AccessAnswer>

/** Someone who was let in. */
export interface Visitor {
  level: 'read' | 'operate'
  actor?: string
}

/** Who a request comes from; `undefined` for all that was not said to be let in, in exactly these words. */
export async function findVisitor(
  access: Access | undefined,
  request: Request,
): Promise<Visitor | undefined> {
  if (access === undefined) return undefined
  const answer: unknown = await access(request)
  const { level, actor } = (typeof answer === 'object' && answer !== null ? answer : { level: answer }) as {
    level?: unknown
    actor?: unknown
  }
  if (level !== 'read' && level !== 'operate') return undefined
  return { level, ...(typeof actor === 'string' && { actor }) }
}
