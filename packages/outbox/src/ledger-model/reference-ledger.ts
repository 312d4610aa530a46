import type { AttemptRecord, DeliveryRecord, DeliveryState, NewDelivery } from '../delivery.ts'
import type { Acceptance, Claim, ClaimRequest, Lease, Settlement } from '../ledger.ts'

interface Entry {
  given: NewDelivery
  state: DeliveryState
  readyAt: number
  token: number
  leasedTo: { owner: string; until: number } | undefined
  isCancelRequested: boolean
  tries: number
  attempts: AttemptRecord[]
  settledAt: number | undefined
}

/** The ledger as a list in the order accepted, with no thought of speed or disks: what any ledger must do. */
export class ReferenceLedger {
  entries: Entry[] = []
  paused: Set<string> = new Set()

  enqueue(deliveries: readonly NewDelivery[]): Acceptance[] {
    return deliveries.map((given) => {
      const first = this.entries.find(
        (entry) =>
          entry.given.endpointId === given.endpointId &&
          given.idempotencyKey !== undefined &&
          entry.given.idempotencyKey === given.idempotencyKey,
      )
      if (first !== undefined) return { id: first.given.id, isRepeat: true }
      this.entries.push({
        given,
        state: 'pending',
        readyAt: given.readyAt,
        token: 0,
        leasedTo: undefined,
        isCancelRequested: false,
        tries: 0,
        attempts: [],
        settledAt: undefined,
      })
      return { id: given.id, isRepeat: false }
    })
  }

  claim({ endpointId, limit, owner, now, leaseEndsAt }: ClaimRequest): Claim[] {
    const due = this.#heads()
      .filter((entry) => entry.given.endpointId === endpointId && dueAt(entry) <= now)
      .toSorted((a, b) => dueAt(a) - dueAt(b))
      .slice(0, limit)
    for (const entry of due) {
      entry.token += 1
      entry.leasedTo = { owner, until: leaseEndsAt }
      if (entry.isCancelRequested) end(entry, 'canceled', now)
    }
    return due.filter((entry) => entry.state === 'pending').map(toClaim)
  }

  settle({ lease, attempt, state, readyAt, now }: Settlement): boolean {
    const entry = this.#leased(lease)
    if (entry === undefined) return false
    const becomes = entry.isCancelRequested && state !== 'delivered' ? 'canceled' : state
    const { nextAttemptAt: _, ...ended } = attempt
    entry.attempts.push({ number: entry.attempts.length + 1, ...(becomes === 'pending' ? attempt : ended) })
    entry.tries += 1
    if (becomes === 'pending') {
      entry.leasedTo = undefined
      entry.readyAt = readyAt!
    } else {
      end(entry, becomes, now)
    }
    return true
  }

  renew(leases: readonly Lease[], leaseEndsAt: number): Lease[] {
    return leases.filter((lease) => {
      const entry = this.#leased(lease)
      if (entry !== undefined) entry.leasedTo!.until = leaseEndsAt
      return entry !== undefined
    })
  }

  release(leases: readonly Lease[], now: number): void {
    for (const lease of leases) {
      const entry = this.#leased(lease)
      if (entry !== undefined) giveBack(entry, now)
    }
  }

  recover(isAlive: (owner: string) => boolean, now: number): number {
    const abandoned = this.entries.filter(
      ({ leasedTo }) => leasedTo !== undefined && !isAlive(leasedTo.owner),
    )
    for (const entry of abandoned) giveBack(entry, now)
    return abandoned.length
  }

  nextReadyAt(endpointId: string): number | undefined {
    const times = this.#heads().filter(({ given }) => given.endpointId === endpointId)
    return times.length === 0 ? undefined : Math.min(...times.map(dueAt))
  }

  resend(id: string, readyAt: number): boolean {
    const entry = this.#find(id)
    if (entry === undefined) return false
    if (entry.state === 'pending') {
      entry.isCancelRequested = false
      const isWaitingForItsTime = entry.leasedTo === undefined && this.#heads().includes(entry)
      if (isWaitingForItsTime) entry.readyAt = Math.min(entry.readyAt, readyAt)
      return true
    }
    const others = this.entries.filter((other) => other !== entry)
    this.entries = [...others, { ...entry, state: 'pending', readyAt, tries: 0, settledAt: undefined }]
    return true
  }

  cancel(id: string, now: number): boolean {
    const entry = this.#find(id)
    if (entry?.state !== 'pending') return false
    if (entry.leasedTo === undefined) end(entry, 'canceled', now)
    else entry.isCancelRequested = true
    return true
  }

  purge(deliveredBefore: number, limit: number): number {
    const old = this.entries
      .filter(({ state, settledAt = 0 }) => state === 'delivered' && settledAt < deliveredBefore)
      .toSorted((a, b) => a.settledAt! - b.settledAt!)
      .slice(0, limit)
    this.entries = this.entries.filter((entry) => !old.includes(entry))
    return old.length
  }

  /** All deliveries, latest accepted or resent first, as `listDeliveries` has them. */
  list(): DeliveryRecord[] {
    const heads = this.#heads()
    return this.entries.toReversed().map((entry) => toRecord(entry, heads.includes(entry)))
  }

  /** The first pending one of each ordering key at each endpoint. */
  #heads(): Entry[] {
    const pending = this.entries.filter(({ state }) => state === 'pending')
    return pending.filter((entry) => pending.find((other) => isSameKey(entry, other)) === entry)
  }

  #find(id: string): Entry | undefined {
    return this.entries.find(({ given }) => given.id === id)
  }

  #leased({ id, token }: Lease): Entry | undefined {
    const entry = this.#find(id)
    return entry?.leasedTo !== undefined && entry.token === token ? entry : undefined
  }
}

function isSameKey(a: Entry, b: Entry): boolean {
  return a.given.endpointId === b.given.endpointId && a.given.orderingKey === b.given.orderingKey
}

function dueAt({ leasedTo, readyAt }: Entry): number {
  return leasedTo?.until ?? readyAt
}

function giveBack(entry: Entry, now: number): void {
  if (entry.isCancelRequested) return end(entry, 'canceled', now)
  entry.leasedTo = undefined
  entry.readyAt = now
}

function end(entry: Entry, state: DeliveryState, now: number): void {
  entry.state = state
  entry.leasedTo = undefined
  entry.isCancelRequested = false
  entry.settledAt = now
}

function toClaim({ given, token, tries }: Entry): Claim {
  const { id, endpointId, orderingKey, type, payload, acceptedAt } = given
  return { id, endpointId, orderingKey, type, payload, acceptedAt, token, tries }
}

function toRecord(entry: Entry, isHead: boolean): DeliveryRecord {
  return {
    id: entry.given.id,
    endpointId: entry.given.endpointId,
    orderingKey: entry.given.orderingKey,
    type: entry.given.type,
    payload: entry.given.payload,
    ...(entry.given.idempotencyKey !== undefined && { idempotencyKey: entry.given.idempotencyKey }),
    state: entry.state,
    acceptedAt: entry.given.acceptedAt,
    attemptCount: entry.attempts.length,
    ...(isHead && entry.leasedTo === undefined && { readyAt: entry.readyAt }),
    isInFlight: entry.leasedTo !== undefined,
    isCancelRequested: entry.isCancelRequested,
    ...(entry.settledAt !== undefined && { settledAt: entry.settledAt }),
  }
}
