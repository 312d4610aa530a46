import type { Clock } from '../clock.ts'
import type { DispatchLedger, OwnedPartition as Ownership, PartitionKey } from '../ledger.ts'
import { OutboxError } from '../outbox-error.ts'
import { toOwnedPartition, type OwnedPartition } from './owned-partition.ts'

/** The partitions that a dispatcher owns, see {@link createOwnedPartitions}. */
export interface OwnedPartitions {
  /** Whether it is owned, also while it is being handed over. */
  has(key: PartitionKey): boolean
  find(key: PartitionKey): OwnedPartition | undefined
  /** The ones of an endpoint that are not being handed over. */
  active(endpointId: string): ReadonlySet<number>
  add(acquired: readonly Ownership[]): void
  /** Hands over all of an endpoint that are not among these. */
  keepOnly(endpointId: string, partitions: ReadonlySet<number>): void
  /** Hands over all of other endpoints. */
  keepEndpoints(endpointIds: readonly string[]): void
  /** Hands over everything. What is under way is not ended; {@link OwnedPartitions.abortAll} does that. */
  handOverAll(): void
  /** They belong to others already: ends what is under way, and forgets them. */
  loseAll(): void
  /** Of those that it asked for, only these are its own: ends what is under way of the others, and forgets them. */
  loseOthers(asked: readonly PartitionKey[], acquired: readonly Ownership[]): void
  /** Ends the attempts under way; they are still owned. */
  abortAll(): void
}

/** Options of {@link createOwnedPartitions}. */
export interface OwnedPartitionsOptions {
  /** Under which id the dispatcher is registered. */
  memberId: () => string
  ledger: Pick<DispatchLedger, 'release'>
  clock: Clock
  /** Called with the endpoint whose partitions have come. */
  onAdded: (endpointId: string) => void
  /** Called when nothing more of a partition may begin. */
  onRemoved: (key: PartitionKey) => void
  /** Called when partitions were given back. Meanwhile they may have become this dispatcher's share again. */
  onReleased: () => void
  /** Told of what fails and is tried again. */
  onFailure: (error: unknown) => void
}

// What others are promised is ten seconds. An attempt that takes longer is ended, and made again by the next owner.
const handoverInMs = 8000
const retryInMs = 250

/**
 * Hands a partition over without two attempts of one ordering key at once. First, no more attempts of it begin. Then
 * those under way end and are written down. Then it is free.
 */
export function createOwnedPartitions({
  memberId,
  ledger,
  clock,
  onAdded,
  onRemoved,
  onReleased,
  onFailure,
}: OwnedPartitionsOptions): OwnedPartitions {
  const owned = new Map<string, Map<number, OwnedPartition>>()
  const active = new Map<string, Set<number>>()
  let toRelease: OwnedPartition[] = []
  let isReleasing = false

  function ownedOf(endpointId: string): Map<number, OwnedPartition> {
    return getOrCreate(owned, endpointId, () => new Map())
  }

  function activeOf(endpointId: string): Set<number> {
    return getOrCreate(active, endpointId, () => new Set())
  }

  function handOver(partition: OwnedPartition, withinInMs = Number.POSITIVE_INFINITY): void {
    if (!activeOf(partition.endpointId).delete(partition.partition)) return
    onRemoved(partition)
    if (partition.busyCount === 0) return giveBack(partition)
    if (withinInMs < Number.POSITIVE_INFINITY) {
      partition.cancelAbort = clock.after(withinInMs, () => partition.controller.abort())
    }
    partition.onQuiet = () => {
      partition.onQuiet = undefined
      partition.cancelAbort?.()
      giveBack(partition)
    }
  }

  function giveBack(partition: OwnedPartition): void {
    if (partition.isLost) return
    toRelease.push(partition)
    if (isReleasing) return
    isReleasing = true
    // What else becomes quiet in this turn of the event loop comes along.
    setImmediate(() => void release())
  }

  async function release(): Promise<void> {
    const group = toRelease.filter(({ isLost }) => !isLost)
    toRelease = []
    try {
      if (group.length > 0) {
        await ledger.release(
          memberId(),
          group.map(({ endpointId, partition, epoch }) => ({ endpointId, partition, epoch })),
        )
      }
      for (const partition of group) forget(partition)
      if (group.length > 0) onReleased()
    } catch (error) {
      onFailure(error)
      if (OutboxError.isInstance(error) && error.code === 'ledger_closed') return
      toRelease.push(...group)
      clock.after(retryInMs, () => void release())
      return
    }
    isReleasing = false
    if (toRelease.length > 0) giveBack(toRelease.pop()!)
  }

  function forget(partition: OwnedPartition): void {
    partition.isLost = true
    const all = ownedOf(partition.endpointId)
    if (all.get(partition.partition) === partition) all.delete(partition.partition)
  }

  function lose(partition: OwnedPartition): void {
    forget(partition)
    partition.cancelAbort?.()
    partition.controller.abort()
    if (activeOf(partition.endpointId).delete(partition.partition)) onRemoved(partition)
  }

  return {
    has: ({ endpointId, partition }) => ownedOf(endpointId).has(partition),
    find: ({ endpointId, partition }) => ownedOf(endpointId).get(partition),
    active: activeOf,
    add(acquired) {
      const endpointIds = new Set<string>()
      for (const one of acquired) {
        if (ownedOf(one.endpointId).get(one.partition)?.epoch === one.epoch) continue
        ownedOf(one.endpointId).set(one.partition, toOwnedPartition(one))
        activeOf(one.endpointId).add(one.partition)
        endpointIds.add(one.endpointId)
      }
      for (const endpointId of endpointIds) onAdded(endpointId)
    },
    keepOnly(endpointId, partitions) {
      for (const partition of ownedOf(endpointId).values()) {
        if (!partitions.has(partition.partition)) handOver(partition, handoverInMs)
      }
    },
    keepEndpoints(endpointIds) {
      const kept = new Set(endpointIds)
      for (const [endpointId, partitions] of owned) {
        if (kept.has(endpointId)) continue
        for (const partition of partitions.values()) handOver(partition, handoverInMs)
      }
    },
    handOverAll() {
      for (const partitions of owned.values()) {
        for (const partition of partitions.values()) {
          partition.cancelAbort?.()
          handOver(partition)
        }
      }
    },
    loseAll() {
      for (const partitions of owned.values()) for (const partition of partitions.values()) lose(partition)
    },
    loseOthers(asked, acquired) {
      for (const { endpointId, partition: number } of asked) {
        const partition = ownedOf(endpointId).get(number)
        if (partition === undefined) continue
        const isOwn = acquired.some(
          (one) => one.endpointId === endpointId && one.partition === number && one.epoch === partition.epoch,
        )
        if (!isOwn) lose(partition)
      }
    },
    abortAll() {
      for (const partitions of owned.values()) {
        for (const { controller } of partitions.values()) controller.abort()
      }
    },
  }
}

function getOrCreate<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const created = create()
  map.set(key, created)
  return created
}
