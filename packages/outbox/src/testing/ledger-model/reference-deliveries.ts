import type { AttemptRecord, DeliveryRecord, DeliveryState, NewDelivery } from '../../delivery.ts'
import type { Acceptance, ReadDelivery, SettleAnswer, Settlement } from '../../ledger.ts'
import { heldWaitInMs } from '../../records/held.ts'
import { partitionOf } from '../../records/partition-of.ts'

/** A delivery as the reference has it. */
export interface Entry {
  given: NewDelivery
  /** Its place in the order accepted. A resend makes it the last. */
  number: number
  /** Whether the transaction that accepted it is committed. */
  isVisible: boolean
  state: DeliveryState
  acceptedAt: number
  readyAt: number | undefined
  waitInMs: number
  tries: number
  attempts: AttemptRecord[]
  settledAt: number | undefined
}

/** The deliveries of a ledger as a list, with no thought of speed or disks: what any ledger must make of them. */
export class ReferenceDeliveries {
  entries: Entry[] = []
  /** The numbers that became visible, in the order in which they did. */
  visible: number[] = []
  readonly partitionCount: number
  #lastNumber = 0

  constructor(partitionCount: number) {
    this.partitionCount = partitionCount
  }

  enqueue(deliveries: readonly NewDelivery[], now: number, isVisible = true): Acceptance[] {
    return deliveries.map((given) => {
      const first = this.entries.find(
        (entry) =>
          given.idempotencyKey !== undefined &&
          entry.given.endpointId === given.endpointId &&
          entry.given.idempotencyKey === given.idempotencyKey,
      )
      if (first !== undefined) return { id: first.given.id, isRepeat: true }
      const { delayInMs = 0 } = given
      this.entries.push({
        given,
        number: this.#nextNumber(),
        isVisible,
        state: 'pending',
        acceptedAt: now,
        readyAt: delayInMs > 0 ? now + delayInMs : undefined,
        waitInMs: delayInMs,
        tries: 0,
        attempts: [],
        settledAt: undefined,
      })
      if (isVisible) this.visible.push(this.#lastNumber)
      return { id: given.id, isRepeat: false }
    })
  }

  /** Ends the transactions that are open. */
  end(commits: boolean): void {
    const late = this.entries.filter(({ isVisible }) => !isVisible)
    if (!commits) this.entries = this.entries.filter(({ isVisible }) => isVisible)
    for (const entry of late) {
      entry.isVisible = true
      if (commits) this.visible.push(entry.number)
    }
  }

  /** Of one whose partition is owned under the right epoch. */
  settle(number: number, { tries, attempt, state, retryInMs = 0 }: Settlement, now: number): SettleAnswer {
    const entry = this.find(({ number: own }) => own === number)
    if (entry === undefined || entry.tries !== tries) return 'lost'
    if (entry.state !== 'pending' && entry.state !== 'canceled') return 'lost'
    const { startedAgoInMs, ...rest } = attempt
    const becomes = entry.state === 'canceled' && state !== 'delivered' ? 'canceled' : state
    entry.attempts.push({
      number: entry.attempts.length + 1,
      startedAt: now - startedAgoInMs,
      ...rest,
      ...(becomes === 'pending' && { nextAttemptAt: now + retryInMs }),
    })
    entry.tries += 1
    if (becomes === 'pending') this.#wait(entry, retryInMs, now)
    else if (becomes === 'held') this.#wait(entry, heldWaitInMs, now)
    else if (becomes !== 'canceled') endEntry(entry, becomes, now)
    return becomes
  }

  /** What it did: made pending anew, let one go that was held, hurried, nothing; or that it is not known. */
  resend(id: string, now: number): 'again' | 'let go' | 'hurried' | 'same' | 'unknown' {
    const entry = this.find(({ given }) => given.id === id)
    if (entry === undefined) return 'unknown'
    if (entry.state === 'pending') {
      if (entry.readyAt === undefined || entry.readyAt <= now) return 'same'
      const wasHeld = isHeld(entry)
      if (wasHeld) entry.tries = 0
      this.#wait(entry, 0, now)
      return wasHeld ? 'let go' : 'hurried'
    }
    const number = this.#nextNumber()
    Object.assign(entry, {
      number,
      state: 'pending',
      readyAt: undefined,
      waitInMs: 0,
      tries: 0,
      settledAt: undefined,
    })
    this.entries = [...this.entries.filter((other) => other !== entry), entry]
    this.visible.push(number)
    return 'again'
  }

  /** The endpoint of what was canceled. */
  cancel(id: string, now: number): string | undefined {
    const entry = this.find(({ given, state }) => given.id === id && state === 'pending')
    if (entry === undefined) return undefined
    const wasHead = this.isHead(entry)
    endEntry(entry, 'canceled', now)
    const next = this.pending().find((other) => isSameLine(entry, other))
    if (wasHead && next !== undefined && next.readyAt === undefined) this.#wait(next, 0, now)
    return entry.given.endpointId
  }

  /** What was waiting for longer than it was told to. */
  shortenWaits(now: number): number {
    const wrong = this.pending().filter(
      ({ readyAt, waitInMs }) => readyAt !== undefined && readyAt > now + waitInMs,
    )
    for (const entry of wrong) entry.readyAt = now + entry.waitInMs
    return wrong.length
  }

  purge(deliveredBefore: number, limit: number): number {
    const old = this.entries
      .filter(({ state, settledAt = 0 }) => state === 'delivered' && settledAt < deliveredBefore)
      .toSorted((a, b) => a.settledAt! - b.settledAt!)
      .slice(0, limit)
    this.entries = this.entries.filter((entry) => !old.includes(entry))
    return old.length
  }

  find(isIt: (entry: Entry) => boolean): Entry | undefined {
    return this.entries.find((entry) => entry.isVisible && isIt(entry))
  }

  /** What is pending, in the order of numbers. */
  pending(): Entry[] {
    return this.entries.filter(({ isVisible, state }) => isVisible && state === 'pending')
  }

  isHead(entry: Entry): boolean {
    return this.pending().find((other) => isSameLine(entry, other)) === entry
  }

  partitionOf({ given }: Entry): number {
    return partitionOf(given.orderingKey, this.partitionCount)
  }

  toRead(entry: Entry, now: number): Omit<ReadDelivery, 'number'> {
    const { id, endpointId, orderingKey, type, payload, context } = entry.given
    return {
      id,
      endpointId,
      partition: this.partitionOf(entry),
      orderingKey,
      type,
      payload,
      ...(context !== undefined && { context }),
      acceptedAt: entry.acceptedAt,
      tries: entry.tries,
      readyInMs: Math.max(0, (entry.readyAt ?? now) - now),
      isHead: this.isHead(entry),
    }
  }

  toRecord(entry: Entry, now: number, isOwned: boolean): DeliveryRecord {
    const { readyAt, attempts } = entry
    const state = isHeld(entry) ? 'held' : entry.state
    const isHead = entry.state === 'pending' && this.isHead(entry)
    const head = this.pending().find((other) => isSameLine(entry, other))
    const settledAt = state === 'held' ? readyAt! - heldWaitInMs : entry.settledAt
    const { id, endpointId, orderingKey, type, payload, idempotencyKey, context } = entry.given
    return {
      id,
      endpointId,
      orderingKey,
      type,
      payload,
      ...(idempotencyKey !== undefined && { idempotencyKey }),
      ...(context !== undefined && { context }),
      state,
      acceptedAt: entry.acceptedAt,
      attemptCount: attempts.length,
      isHead,
      isBehindHeld: entry.state === 'pending' && !isHead && isHeld(head!),
      ...(state === 'pending' && readyAt !== undefined && readyAt > now && { readyAt }),
      isOwned,
      ...(attempts.length > 0 && { lastAttempt: {} }),
      ...(settledAt !== undefined && { settledAt }),
    }
  }

  #wait(entry: Entry, waitInMs: number, now: number): void {
    entry.readyAt = now + waitInMs
    entry.waitInMs = waitInMs
  }

  #nextNumber(): number {
    return (this.#lastNumber += 1)
  }
}

function isSameLine(a: Entry, b: Entry): boolean {
  return a.given.endpointId === b.given.endpointId && a.given.orderingKey === b.given.orderingKey
}

/** It is pending, and never ready. */
function isHeld({ state, readyAt = 0 }: Entry): boolean {
  return state === 'pending' && readyAt >= heldWaitInMs
}

function endEntry(entry: Entry, state: DeliveryState, now: number): void {
  entry.state = state
  entry.readyAt = undefined
  entry.settledAt = now
}
