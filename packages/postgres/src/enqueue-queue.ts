import type { Acceptance, NewDelivery } from '@taskhook/outbox/ledger'
import { isFaultOfStatement, isKeyHeld, isLockTimeout } from './connection/postgres-error.ts'
import { createWriteQueue } from './connection/write-queue.ts'

type Group = readonly NewDelivery[]
type Answer = Acceptance[] | Promise<Acceptance[]>

/** How long writes wait for a lock, in milliseconds. */
export interface Patience {
  /** A group of several calls: as long as others on the way may take, not as long as one that stays open. */
  group: number
  /** One call of such a group, to find the one at fault. */
  single: number
  /** One look at a key that is held. */
  look: number
  /** In all. */
  most: number
}

const defaultPatience: Patience = { group: 50, single: 20, look: 500, most: 10_000 }
// Each keeps a connection.
const looksAtOnce = 2

/**
 * Accepts the deliveries of many calls in groups. An idempotency key that an open transaction holds makes those wait that carry it, for as
 * long as they have patience; the other calls pass them.
 */
export function createEnqueueQueue(
  write: (groups: readonly Group[], patienceInMs: number) => Promise<Acceptance[][]>,
  patience: Patience = defaultPatience,
): (deliveries: Group) => Promise<Acceptance[]> {
  /** How many calls wait for a key. */
  const held = new Map<string, number>()
  const lanes = Array.from({ length: looksAtOnce }, () => Promise.resolve())
  let turn = 0

  async function writeGroup(groups: Group[]): Promise<Answer[]> {
    if (held.size === 0) return writeTogether(groups)
    const waiting = groups.map((group) =>
      keysOf(group).some((key) => held.has(key)) ? wait(group) : undefined,
    )
    const written = await writeTogether(groups.filter((_, index) => waiting[index] === undefined))
    return waiting.map((answer) => answer ?? written.shift()!)
  }

  async function writeTogether(groups: readonly Group[]): Promise<Answer[]> {
    try {
      return await write(groups, patience.group)
    } catch (error) {
      if (isKeyHeld(error) || (isFaultOfStatement(error) && groups.length > 1)) return writeApart(groups)
      if (!isLockTimeout(error)) return groups.map(() => reject(error))
      // A lock on a whole table, which stops everything.
      return write(groups, patience.most).catch((last: unknown) => groups.map(() => reject(last)))
    }
  }

  /** In their order, one after the other, but for those that wait for a key. */
  async function writeApart(groups: readonly Group[]): Promise<Answer[]> {
    const answers: Answer[] = []
    for (const [index, group] of groups.entries()) {
      try {
        answers.push(...(await write([group], patience.single)))
      } catch (error) {
        if (isLockTimeout(error)) answers.push(wait(group))
        else if (isFaultOfStatement(error)) answers.push(reject(error))
        else return [...answers, ...groups.slice(index).map(() => reject(error))]
      }
    }
    return answers
  }

  function wait(group: Group): Promise<Acceptance[]> {
    return keep(look(group))
  }

  async function look(group: Group): Promise<Acceptance[]> {
    const keys = keysOf(group)
    for (const key of keys) held.set(key, (held.get(key) ?? 0) + 1)
    const endsAt = performance.now() + patience.most
    try {
      for (;;) {
        try {
          return await inLane(async () => (await write([group], patience.look))[0]!)
        } catch (error) {
          if (!isLockTimeout(error) || performance.now() >= endsAt) throw error
        }
      }
    } finally {
      for (const key of keys) {
        const left = held.get(key)! - 1
        if (left === 0) held.delete(key)
        else held.set(key, left)
      }
    }
  }

  function inLane<T>(operation: () => Promise<T>): Promise<T> {
    const lane = (turn = (turn + 1) % lanes.length)
    const result = lanes[lane]!.then(operation)
    lanes[lane] = result.then(ignore, ignore)
    return result
  }

  return createWriteQueue(writeGroup).write
}

function keysOf(group: Group): string[] {
  return group.flatMap(({ endpointId, idempotencyKey }) =>
    idempotencyKey === undefined ? [] : [JSON.stringify([endpointId, idempotencyKey])],
  )
}

function reject(error: unknown): Promise<never> {
  return keep(fail(error))
}

async function fail(error: unknown): Promise<never> {
  throw error
}

/** A promise that may fail before its caller has it. */
function keep<T>(promise: Promise<T>): Promise<T> {
  promise.catch(ignore)
  return promise
}

function ignore(): void {}
