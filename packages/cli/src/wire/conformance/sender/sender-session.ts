import type { CountedRequest, SenderSetUp } from './judge-request.ts'
import { judgeRequest } from './judge-request.ts'
import { chooseAnswer, redirectPath, type ChosenAnswer } from './choose-answer.ts'
import { createDeliveryBook } from './delivery-book.ts'
import { judgeRun, type RunAttempt, type RunProblem } from './judge-run.ts'
import { problem, type SenderProblem } from './sender-problem.ts'

/** A request and what is said of it. */
export interface JudgedRequest {
  at: Date
  delivery?: string
  taskId?: string
  eventType?: string
  answered: number
  problems: readonly SenderProblem[]
}

/** What a run came to. */
export interface SenderVerdict {
  requests: number
  /** Deliveries that were taken. */
  taken: number
  /** Refused, and not come again so far. */
  waiting: number
  problems: readonly (RunProblem | (SenderProblem & { delivery?: string }))[]
}

/** Judges the requests of a sender as they come. */
export interface SenderSession {
  /** Says what is answered to a request that came `from`; `answered` is called when that was done. */
  receive(
    request: CountedRequest,
    from: number,
  ): Promise<{ judged: JudgedRequest; answer: ChosenAnswer; answered: (to: number) => void }>
  taken(): number
  /** `isOver`: what was refused has had its time to come again. */
  conclude(isOver: boolean): SenderVerdict
}

/** Makes a session. */
export function createSenderSession(setUp: SenderSetUp & { refuseFirst: boolean }): SenderSession {
  const book = createDeliveryBook()
  const attempts: RunAttempt[] = []
  const found: (SenderProblem & { delivery?: string })[] = []
  let requests = 0
  // The first ones say why; the sender waits meanwhile.
  let explanationsLeft = 3
  const mayExplain = (): boolean => explanationsLeft-- > 0
  const countTaken = (): number => book.deliveries.filter(({ isTaken }) => isTaken).length

  return {
    taken: countTaken,
    async receive(request, from) {
      requests += 1
      const body = request.body.toString('base64')
      const id = request.headers['webhook-id']
      if (request.url.startsWith(redirectPath)) {
        found.push(redirectFollowed)
        const judged = { at: new Date(from), answered: 204, problems: [redirectFollowed] }
        return { judged, answer: { status: 204, headers: {} }, answered: () => {} }
      }
      // Deliveries are noted in the order in which they came, because nothing is awaited before that.
      const task = readTask(request.body)
      const { delivery, hasNewId } = book.book({ id, task, body })
      const answer = chooseAnswer(delivery, {
        index: book.deliveries.indexOf(delivery),
        refuseFirst: setUp.refuseFirst,
      })
      const { status, retryAfterInMs } = answer
      const attempt: RunAttempt = {
        delivery,
        hasNewId,
        body,
        timestamp: request.headers['webhook-timestamp'],
        from,
        to: Number.POSITIVE_INFINITY,
        status,
        ...(retryAfterInMs !== undefined && { retryAfterInMs }),
      }
      attempts.push(attempt)
      const { problems, taskId, eventType } = await judgeRequest(request, { ...setUp, mayExplain }, from)
      found.push(...problems.map((one) => ({ ...one, delivery: delivery.name })))
      const judged: JudgedRequest = {
        at: new Date(from),
        delivery: delivery.name,
        ...(taskId !== undefined && { taskId }),
        ...(eventType !== undefined && { eventType }),
        answered: status,
        problems,
      }
      const answered = (to: number): void => {
        attempt.to = to
        delivery.isTaken ||= status < 300
      }
      return { judged, answer, answered }
    },
    conclude(isOver) {
      const taken = countTaken()
      return {
        requests,
        taken,
        waiting: book.deliveries.length - taken,
        problems: [...found, ...judgeRun(book.deliveries, attempts, isOver)],
      }
    },
  }
}

const redirectFollowed = problem(
  'must',
  'redirect-followed',
  'A redirect was followed.',
  'Treat a 3xx as a refusal: otherwise who answers decides where the events of others go.',
)

/** Events without an id that can be read are of one task: their own. */
function readTask(body: Buffer): string {
  try {
    const { taskId, orderId } = JSON.parse(body.toString()) as Record<string, unknown>
    return JSON.stringify(taskId ?? orderId ?? body.toString('base64'))
  } catch {
    return body.toString('base64')
  }
}
