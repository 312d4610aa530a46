import type { AcceptedEvent } from './accepted-log.ts'
import type { ReceivedRequest } from './received-request.ts'

/** What a run has left behind. */
export interface RunRecord {
  accepted: readonly AcceptedEvent[]
  requests: readonly ReceivedRequest[]
  /** The sender processes that were killed. */
  killed?: ReadonlySet<string>
  /** The sender processes that were stopped for longer than a lease, and went on. */
  stalled?: ReadonlySet<string>
}

/** What is right and wrong about a run. Of what is listed there should be nothing. */
export interface Verdict {
  /** How many were accepted: events times endpoints. */
  deliveries: number
  requests: number
  /** How often something was attempted that had been delivered. */
  duplicates: number
  /**
   * The most deliveries that one process left behind at one endpoint when it was killed, to be attempted again, however often
   * that took.
   */
  mostLeftBehind: number
  /** Those that were delivered by a process that was neither killed nor stalled. */
  unexplained: string[]
  /** Accepted, and never delivered. */
  lost: string[]
  /** Attempted before an earlier one of the same endpoint and task was delivered. */
  outOfOrder: string[]
  /** Attempted while another one of the same endpoint and task was, by a process that was neither killed nor stalled. */
  overlapping: string[]
  /** Received, and never accepted. */
  unknown: string[]
  /**
   * Attempted by a process that had been stalled, while or after another one did. It had begun to before: nothing can call
   * back what is on its way to a socket.
   */
  late: string[]
}

const none: ReadonlySet<string> = new Set()

/** Compares what was accepted with what was received. */
export function judge({ accepted, requests, killed = none, stalled = none }: RunRecord): Verdict {
  const places = new Map<string, Place>()
  const chains = new Map<string, Chain>()
  for (const { task, index, deliveryIds } of accepted) {
    for (const [endpoint, id] of deliveryIds.entries()) {
      const chain = chains.get(`${endpoint} ${task}`) ?? { endpoint, deliveredCount: 0, open: new Set() }
      chains.set(`${endpoint} ${task}`, chain)
      places.set(id, { chain, index })
    }
  }

  const deliveredBy = new Map<string, string>()
  const leftBehind = new Map<string, Set<string>>()
  const verdict: Omit<Verdict, 'lost' | 'mostLeftBehind'> = {
    deliveries: places.size,
    requests: requests.length,
    duplicates: 0,
    unexplained: [],
    outOfOrder: [],
    overlapping: [],
    unknown: [],
    late: [],
  }

  function arrive(request: ReceivedRequest, { chain, index }: Place): void {
    const { id, sender } = request
    const earlier = [...chain.open].map((open) => open.sender)
    const by = deliveredBy.get(id)
    const isLate = stalled.has(sender) && [...earlier, by ?? sender].some((other) => other !== sender)
    if (isLate) verdict.late.push(id)
    else if (earlier.some((other) => other === sender || !(killed.has(other) || stalled.has(other)))) {
      verdict.overlapping.push(id)
    }
    chain.open.add(request)
    if (by === undefined) {
      if (index !== chain.deliveredCount) verdict.outOfOrder.push(id)
      return
    }
    verdict.duplicates += 1
    if (isLate || stalled.has(by)) return
    const left = leftBehind.get(`${chain.endpoint} ${by}`) ?? new Set()
    leftBehind.set(`${chain.endpoint} ${by}`, left.add(id))
    if (by === sender || !killed.has(by)) verdict.unexplained.push(id)
  }

  function end(request: ReceivedRequest, { chain, index }: Place): void {
    chain.open.delete(request)
    if (!request.isDelivered) return
    deliveredBy.set(request.id, request.sender)
    if (index === chain.deliveredCount) chain.deliveredCount += 1
  }

  for (const { request, isArrival } of inOrder(requests)) {
    const place = places.get(request.id)
    if (place !== undefined) (isArrival ? arrive : end)(request, place)
    else if (isArrival) verdict.unknown.push(request.id)
  }
  return {
    ...verdict,
    mostLeftBehind: Math.max(0, ...[...leftBehind.values()].map(({ size }) => size)),
    lost: [...places.keys()].filter((id) => !deliveredBy.has(id)),
  }
}

interface Chain {
  endpoint: number
  /** How many have been delivered, from the first one on. */
  deliveredCount: number
  /** Those that are being attempted. */
  open: Set<ReceivedRequest>
}

interface Place {
  chain: Chain
  index: number
}

function inOrder(requests: readonly ReceivedRequest[]) {
  return requests
    .flatMap((request) => [
      { at: request.arrivedAt, request, isArrival: true },
      { at: request.endedAt, request, isArrival: false },
    ])
    .toSorted((a, b) => a.at - b.at)
}
