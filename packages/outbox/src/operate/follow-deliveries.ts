import type { DeliveryRecord } from '../delivery.ts'
import type { DeliveryFilter, Ledger, OperatorLedger } from '../ledger.ts'
import type { DeliveryChange, DeliveryChangeKind, DeliverySummary, FollowOptions } from './operators.ts'
import { pause } from './pause.ts'
import { isClosed, watchLedger } from './watch-ledger.ts'

// A look reads this much of what is new at most, and follows this many that are pending; of a larger backlog the oldest, since these are
// attempted next.
const maxNewPages = 20
const newPageSize = 200
const lookUpSize = 500
const maxPending = 5000
const maxKnown = 20_000
const retryInMs = 1000

/** What is known of a delivery. */
type Known = Pick<DeliveryRecord, 'state' | 'attemptCount'>

/** A delivery that is not as it was. */
interface FollowedChange {
  kind: DeliveryChangeKind
  record: DeliveryRecord
}

/** What {@link followDeliveries} needs. */
interface Followed extends FollowOptions {
  ledger: Pick<Ledger, 'operate' | 'dispatch'>
  filter: DeliveryFilter
  summarize: (records: readonly DeliveryRecord[]) => Promise<DeliverySummary[]>
}

/**
 * Yields the changes of deliveries from now on. Each look that finds changes yields them, oldest first. If the ledger
 * is unavailable, it waits.
 */
export async function* followDeliveries({
  ledger,
  filter,
  summarize,
  onReady,
  ...options
}: Followed): AsyncGenerator<DeliveryChange, void, undefined> {
  const follower = createFollower(ledger.operate, filter)
  // What was seen and could not be told yet.
  let untold: FollowedChange[] = []
  let isReady = false

  async function look(): Promise<DeliveryChange[]> {
    untold.push(...(await follower.look()))
    const deliveries = await summarize(untold.map(({ record }) => record))
    const changes = untold.map(({ kind }, index) => ({ kind, delivery: deliveries[index]! }))
    untold = []
    return changes
  }

  for await (const _ of watchLedger(ledger, options)) {
    for (;;) {
      try {
        yield* await look()
        if (!isReady) onReady?.()
        isReady = true
        break
      } catch (error) {
        if (isClosed(error)) return
        await pause(retryInMs, options)
        if (options.signal?.aborted) return
      }
    }
  }
}

function createFollower(
  operate: OperatorLedger,
  { orderingKey, endpointId, type, acceptedFrom, acceptedBefore }: DeliveryFilter,
) {
  const known = new Map<string, Known>()
  const pending = new Set<string>()
  let backlogCursor: string | undefined
  let isBacklogRead = false
  let hasLooked = false

  // The others are looked for here: by a rare one of them, a page would be read from all there is.
  const search = { orderingKey }
  const matches = (record: DeliveryRecord): boolean =>
    (endpointId === undefined || record.endpointId === endpointId) &&
    (type === undefined || record.type === type) &&
    (acceptedFrom === undefined || record.acceptedAt >= acceptedFrom) &&
    (acceptedBefore === undefined || record.acceptedAt < acceptedBefore)

  /** Remembers a record; says what has changed. */
  function note(record: DeliveryRecord): DeliveryChangeKind | undefined {
    const { id, state, attemptCount } = record
    const before = known.get(id)
    known.delete(id)
    known.set(id, { state, attemptCount })
    // One that is held may be resent or canceled.
    if (state === 'pending' || state === 'held') pending.add(id)
    else pending.delete(id)
    return nameChange(before, record)
  }

  async function readNew(): Promise<FollowedChange[]> {
    const changes: FollowedChange[] = []
    let cursor: string | undefined
    for (let page = 0; page < maxNewPages; page += 1) {
      const { deliveries, nextCursor } = await operate.listDeliveries(search, { limit: newPageSize, cursor })
      let hasNews = false
      for (const record of deliveries) {
        const kind = note(record)
        if (kind === undefined) continue
        hasNews = true
        changes.push({ kind, record })
      }
      // Before the first look everything is news: the latest are enough then.
      if (!hasNews || !hasLooked || nextCursor === undefined) break
      cursor = nextCursor
    }
    return changes.toReversed()
  }

  async function readPending(): Promise<FollowedChange[]> {
    const changes: FollowedChange[] = []
    const ids = [...pending]
    for (let start = 0; start < ids.length; start += lookUpSize) {
      const some = ids.slice(start, start + lookUpSize)
      const { deliveries } = await operate.listDeliveries(
        { ids: some },
        { limit: lookUpSize, oldestFirst: true },
      )
      const found = new Set(deliveries.map(({ id }) => id))
      for (const id of some) if (!found.has(id)) pending.delete(id)
      for (const record of deliveries) {
        const kind = note(record)
        if (kind !== undefined) changes.push({ kind, record })
      }
    }
    return changes
  }

  /** Begins to follow more of what was pending before. */
  async function readBacklog(): Promise<void> {
    while (!isBacklogRead && pending.size < maxPending) {
      const page = await operate.listDeliveries(
        { ...search, state: 'pending' },
        { limit: lookUpSize, cursor: backlogCursor, oldestFirst: true },
      )
      for (const record of page.deliveries) note(record)
      backlogCursor = page.nextCursor ?? backlogCursor
      isBacklogRead = page.nextCursor === undefined
    }
  }

  function forget(): void {
    for (const id of known.keys()) {
      if (known.size <= maxKnown) return
      known.delete(id)
      pending.delete(id)
    }
  }

  return {
    async look(): Promise<FollowedChange[]> {
      const isFirst = !hasLooked
      const changes = isFirst ? [] : await readPending()
      changes.push(...(await readNew()))
      hasLooked = true
      await readBacklog()
      forget()
      return isFirst ? [] : changes.filter(({ record }) => matches(record))
    },
  }
}

function nameChange(
  before: Known | undefined,
  { state, attemptCount }: DeliveryRecord,
): DeliveryChangeKind | undefined {
  if (before === undefined) {
    if (state !== 'pending') return state
    return attemptCount > 0 ? 'attempted' : 'accepted'
  }
  if (before.state !== state) return state === 'pending' ? 'resent' : state
  if (before.attemptCount === attemptCount) return undefined
  return state === 'pending' ? 'attempted' : state
}
