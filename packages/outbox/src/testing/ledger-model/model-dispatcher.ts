import { expect } from 'vitest'
import type { Ledger, PartitionKey, ReadDelivery, ReadPosition, Settlement } from '../../ledger.ts'
import { allPartitions } from '../test-dispatcher.ts'
import type { Model } from './model.ts'
import type { Entry } from './reference-deliveries.ts'

/** A delivery that a dispatcher has read: under the number that it has in the ledger, and in the reference. */
interface HeldDelivery {
  read: ReadDelivery
  number: number
  /** That under which it was read. */
  epoch: EpochPair
}

/** An epoch as the ledger gave it, and as the reference did: those of a ledger need only rise. */
interface EpochPair {
  real: number
  reference: number
}

/** A dispatcher of the model: it does the same to a ledger and to the reference, and every answer must be the same. */
export interface ModelDispatcher {
  readonly id: string
  acquire(endpointId: string, half: number): Promise<void>
  release(endpointId: string, half: number): Promise<void>
  /** Reads on, to the end: everything that became visible is read once, at the latest when no transaction is open. */
  readNew(): Promise<void>
  /** What it has read, as the reference has it. */
  readBacklog(endpointId: string, limit: number): Promise<Entry[]>
  readDue(endpointId: string, limit: number): Promise<void>
  /** Settles some of what it has read, under the epochs of that time; by index, counted from what it has read last. */
  settle(
    indexes: readonly number[],
    given: Pick<Settlement, 'state' | 'attempt' | 'retryInMs'>,
  ): Promise<void>
  /** The same of one, as delivered and within a transaction of its attempt, which is rolled back unless it commits. */
  settleWithin(index: number, commits: boolean): Promise<void>
  /** Notes that the attempt of one begins, if it is still pending. */
  noteStart(index: number, isAlone: boolean): Promise<void>
  /** Notes that it has ended. */
  noteEnd(index: number, isSettled: boolean): Promise<void>
  readPending(): Promise<void>
}

/** Makes a dispatcher of the model. */
export function createModelDispatcher(id: string, ledger: Ledger, model: Model): ModelDispatcher {
  /** What it was given and has not been told that it lost. */
  const epochs = new Map<string, EpochPair>()
  let position: ReadPosition | undefined
  /** What it has read from the position on, by the numbers of the reference. */
  const seen = new Set<number>()
  let from = 0
  const held: HeldDelivery[] = []

  async function acquire(endpointId: string, half: number): Promise<void> {
    const { dispatchers } = model
    const wanted = halfOf(allPartitions(ledger, endpointId), half)
    const got = await ledger.dispatch.acquire(id, wanted)
    const expected = wanted.flatMap((key) => {
      const epoch = dispatchers.acquire(id, key)
      return epoch === undefined ? [] : [{ key, epoch }]
    })
    expect(got.map(({ partition }) => partition)).toEqual(expected.map(({ key }) => key.partition))
    for (const [index, { epoch, ...key }] of got.entries()) {
      const pair = { real: epoch, reference: expected[index]!.epoch }
      const former = model.epochs.get(nameOf(key))
      // The same owner keeps it; every new one has a higher one.
      if (former?.reference === pair.reference) expect(pair.real).toBe(former.real)
      else expect(pair.real).toBeGreaterThan(former?.real ?? -1)
      model.epochs.set(nameOf(key), pair)
      epochs.set(nameOf(key), pair)
    }
  }

  async function release(endpointId: string, half: number): Promise<void> {
    const keys = halfOf(allPartitions(ledger, endpointId), half).filter((key) => epochs.has(nameOf(key)))
    await ledger.dispatch.release(
      id,
      keys.map((key) => ({ ...key, epoch: epochs.get(nameOf(key))!.real })),
    )
    for (const key of keys) {
      model.dispatchers.release(id, key, epochs.get(nameOf(key))!.reference)
    }
  }

  async function readNew(): Promise<void> {
    const { deliveries, now, isTransactionOpen } = model
    if (position === undefined) {
      // What a transaction has accepted that is open still is to be read later.
      position = (await ledger.dispatch.readNew(undefined, 3)).position
      from = deliveries.visible.length
      return
    }
    for (let isEnd = false; !isEnd;) {
      const piece = await ledger.dispatch.readNew(position, 3)
      expect(piece.deliveries.length).toBeLessThanOrEqual(3)
      position = piece.position
      isEnd = piece.isEnd
      for (const read of piece.deliveries) {
        const entry = deliveries.find(({ given }) => given.id === read.id)!
        expect(withoutNumber(read)).toEqual(deliveries.toRead(entry, now()))
        expect(deliveries.visible.indexOf(entry.number)).toBeGreaterThanOrEqual(from)
        expect(seen.has(entry.number)).toBe(false)
        seen.add(entry.number)
        hold(read, entry)
      }
    }
    if (isTransactionOpen()) return
    const unread = deliveries.visible.slice(from).filter((number) => !seen.has(number))
    expect(unread.filter((number) => deliveries.pending().some((entry) => entry.number === number))).toEqual(
      [],
    )
    // What was done before it was read is not to be read later either.
    for (const number of unread) seen.add(number)
  }

  async function readBacklog(endpointId: string, limit: number): Promise<Entry[]> {
    const { deliveries, now } = model
    const partitions = partitionsOf(endpointId)
    const read = await ledger.dispatch.readBacklog({ endpointId, partitions, after: 0, limit })
    const expected = among(endpointId, partitions, deliveries.pending()).slice(0, limit)
    expect(read.map(withoutNumber)).toEqual(expected.map((entry) => deliveries.toRead(entry, now())))
    const numbers = read.map(({ number }) => number)
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
    for (const [index, delivery] of read.entries()) hold(delivery, expected[index]!)
    return expected
  }

  async function readDue(endpointId: string, limit: number): Promise<void> {
    const { deliveries, now } = model
    const partitions = partitionsOf(endpointId)
    const waiting = among(endpointId, partitions, deliveries.pending())
      .filter((entry) => entry.readyAt !== undefined && deliveries.isHead(entry))
      .toSorted((a, b) => a.readyAt! - b.readyAt! || a.number - b.number)
    const due = waiting.filter(({ readyAt }) => readyAt! <= now())
    const read: ReadDelivery[] = []
    let nextInMs: number | undefined
    let after
    for (let isEnd = false; !isEnd;) {
      const piece = await ledger.dispatch.readDue({ endpointId, partitions, after, limit })
      expect(piece.deliveries.length).toBeLessThanOrEqual(limit)
      read.push(...piece.deliveries)
      ;({ isEnd, nextInMs, position: after } = piece)
    }
    expect(read.map(withoutNumber)).toEqual(due.map((entry) => deliveries.toRead(entry, now())))
    // It may also be that of one which waits for its turn too.
    const next = waiting.find(({ readyAt }) => readyAt! > now())
    if (next !== undefined) expect(nextInMs).toBeLessThanOrEqual(next.readyAt! - now())
    for (const [index, delivery] of read.entries()) hold(delivery, due[index]!)
  }

  async function settle(
    indexes: readonly number[],
    given: Pick<Settlement, 'state' | 'attempt' | 'retryInMs'>,
  ): Promise<void> {
    const chosen = [...new Set(indexes.flatMap((index) => held.at(-1 - index) ?? []))]
    const { deliveries, dispatchers, now } = model
    const settlements = chosen.map((one) => ({ ...toRight(one), ...given }))
    const answers = await ledger.dispatch.settle(id, settlements)
    const expected = chosen.map(({ read, number, epoch }, index) => {
      if (!dispatchers.owns(id, read, epoch.reference)) return 'lost'
      const answer = deliveries.settle(number, settlements[index]!, now())
      if (answer !== 'lost' && given.attempt.outcome === 'gone') {
        dispatchers.decide(read.endpointId, { pauses: 'gone' })
      }
      return answer
    })
    expect(answers).toEqual(expected)
  }

  async function settleWithin(index: number, commits: boolean): Promise<void> {
    const one = held.at(-1 - index)
    if (one === undefined) return
    const { deliveries, dispatchers, now } = model
    const settlement: Settlement = {
      ...toRight(one),
      state: 'delivered',
      attempt: { startedAgoInMs: 2, durationInMs: 1, outcome: 'delivered' },
    }
    const open = await ledger.dispatch.begin(AbortSignal.any([]))
    // SQLite begins it now.
    expect(open.transaction).toBeDefined()
    if (!commits) return open.rollBack()
    const isOwned = dispatchers.owns(id, one.read, one.epoch.reference)
    const expected = isOwned ? deliveries.settle(one.number, settlement, now()) : 'lost'
    expect(await open.commit(id, settlement)).toBe(expected)
  }

  async function noteStart(index: number, isAlone: boolean): Promise<void> {
    const one = pendingAt(index)
    if (one === undefined) return
    const { read, number, epoch } = one
    const start = { ...toRight(one), isAlone }
    const isOwned = model.dispatchers.owns(id, read, epoch.reference)
    const expected = isOwned ? model.starts.begin({ ...start, number }, id) : 'lost'
    expect(await ledger.dispatch.noteStarts(id, [start], [])).toEqual([expected])
  }

  async function noteEnd(index: number, isSettled: boolean): Promise<void> {
    const one = pendingAt(index)
    if (one === undefined) return
    model.starts.end(one.number, isSettled, id)
    const end = { number: one.read.number, isSettled, dispatcherId: id }
    await ledger.dispatch.noteStarts(id, [], [end])
  }

  /** What was read, if it is still pending: a purge may have removed the start of another. */
  function pendingAt(index: number): HeldDelivery | undefined {
    const one = held.at(-1 - index)
    return model.deliveries.pending().some(({ number }) => number === one?.number) ? one : undefined
  }

  async function readPending(): Promise<void> {
    const { deliveries, now } = model
    const numbers = new Map(held.map(({ read, number }) => [read.number, number]))
    const read = await ledger.dispatch.readPending([...numbers.keys()])
    const expected = [...numbers].flatMap(([real, reference]) => {
      const entry = deliveries.pending().find(({ number }) => number === reference)
      return entry === undefined ? [] : [{ number: real, ...deliveries.toRead(entry, now()) }]
    })
    expect(read.toSorted((a, b) => a.number - b.number)).toEqual(
      expected.toSorted((a, b) => a.number - b.number),
    )
  }

  function hold(read: ReadDelivery, { number }: Entry): void {
    const epoch = epochs.get(nameOf(read)) ?? { real: 0, reference: 0 }
    held.push({ read, number, epoch })
  }

  function partitionsOf(endpointId: string): number[] {
    const keys = allPartitions(ledger, endpointId)
    return keys.filter((key) => epochs.has(nameOf(key))).map(({ partition }) => partition)
  }

  function among(endpointId: string, partitions: readonly number[], entries: readonly Entry[]): Entry[] {
    return entries.filter(
      (entry) =>
        entry.given.endpointId === endpointId && partitions.includes(model.deliveries.partitionOf(entry)),
    )
  }

  return {
    id,
    acquire,
    release,
    readNew,
    readBacklog,
    readDue,
    settle,
    settleWithin,
    noteStart,
    noteEnd,
    readPending,
  }
}

function toRight({ read: { endpointId, partition, number, tries }, epoch }: HeldDelivery) {
  return { endpointId, partition, epoch: epoch.real, number, tries }
}

/** The even ones, the odd ones, or all. */
function halfOf(keys: readonly PartitionKey[], half: number): PartitionKey[] {
  return keys.filter(({ partition }) => half === 2 || partition % 2 === half)
}

function nameOf({ endpointId, partition }: PartitionKey): string {
  return `${endpointId} ${partition}`
}

/** Numbers differ: those of a ledger need only rise. */
export function withoutNumber(delivery: ReadDelivery): Omit<ReadDelivery, 'number'> {
  const { number: _, ...read } = delivery
  return read
}
