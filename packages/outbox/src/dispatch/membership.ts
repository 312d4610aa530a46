import type { Clock } from '../clock.ts'
import type { DispatchLedger, LiveDispatcher, Membership as Beaten, PartitionKey } from '../ledger.ts'
import { type Beat, createBeatWatch } from './beat-watch.ts'
import { OutboxError } from '../outbox-error.ts'
import type { OwnedPartitions } from './owned-partitions.ts'
import { describePlace, isSurelyDead } from './place.ts'
import { sharePartitions } from './share-partitions.ts'

/** A dispatcher's place among others, see {@link createMembership}. */
export interface Membership {
  /**
   * Under which id it has joined, or is about to. Another one each time that it was buried: who watches would take the first beats under
   * the former id for those that stood still.
   */
  readonly memberId: string
  /** Joins, and takes its share of what is free. */
  start(): Promise<void>
  /** Looks who is there, and gives and takes partitions until each has its share. */
  share(): Promise<void>
  /** Tells the others which endpoints this dispatcher delivers to from now on. */
  changeEndpoints(): Promise<void>
  /** Takes nothing more, and gives everything back as it becomes quiet; what is under way goes on. */
  withdraw(): Promise<void>
  /** Gives everything up. */
  leave(): Promise<void>
  /** Says no more that it lives, so that others get what it has when its lease has ended, and not before. */
  fallSilent(): void
  /** Whether attempts may begin: whether a beat was written within the time of a lease. */
  mayBegin: () => boolean
  /** What this dispatcher believes to own may not be its own: nothing begins before it has asked. */
  doubt: () => void
}

/** Options of {@link createMembership}. */
export interface MembershipOptions {
  dispatcherId: string
  ledger: DispatchLedger
  clock: Clock
  leaseInMs: number
  partitions: OwnedPartitions
  endpointIds: () => readonly string[]
  /** Told of each beat's answer. */
  onBeat: (beaten: Beaten) => void
  /** Told of what fails and is tried again. */
  onFailure: (error: unknown) => void
}

/**
 * Keeps a dispatcher registered, watches the others, and shares partitions with them. It beats three times in a lease. One that was
 * taken for dead finds out at its next beat, gives up what it had, and joins anew.
 */
export function createMembership({
  dispatcherId,
  ledger,
  clock,
  leaseInMs,
  partitions,
  endpointIds,
  onBeat,
  onFailure,
}: MembershipOptions): Membership {
  const watch = createBeatWatch(leaseInMs)
  const beatTimeoutInMs = Math.ceil(leaseInMs / 3)
  const place = describePlace()
  let mayBeginUntil = Number.NEGATIVE_INFINITY
  let isRunning = false
  let isWithdrawn = false
  let isRegistered = false
  /** Raised when it has lost everything: what it was given before is not its own any more. */
  let term = 0
  let cancelTimer: (() => void) | undefined
  let beating: Promise<void> | undefined
  let sharing: Promise<void> | undefined
  let burying: Promise<void> | undefined
  let memberId = dispatcherId
  let registering: Promise<void> = Promise.resolve()
  let isSharedAgain = false
  let dispatchers: LiveDispatcher[] = []

  /** One at a time: a later one must not be overtaken by an earlier one. */
  function register(): Promise<void> {
    isRegistered = false
    const next = registering.then(joinOnce)
    registering = next.catch(() => {})
    return next
  }

  async function joinOnce(): Promise<void> {
    await ledger.join({ id: memberId, place, endpointIds: isWithdrawn ? [] : endpointIds() })
    isRegistered = true
  }

  async function beat(): Promise<void> {
    const startedAt = clock.now()
    // What failed before.
    if (!isRegistered) await register()
    let beaten = await sayItLives()
    if (!beaten.isMember) {
      term += 1
      memberId = `${dispatcherId}/${term}`
      partitions.loseAll()
      await register()
      beaten = await sayItLives()
    }
    mayBeginUntil = startedAt + leaseInMs
    const others = beaten.beats.filter(({ id }) => id !== memberId)
    const dead = watch.look(others, clock.now())
    const alsoDead = others.filter(({ id }) => isSurelyDeadOf(id) && !dead.some((one) => one.id === id))
    if (dead.length + alsoDead.length > 0) buryAndShare([...dead, ...alsoDead])
    onBeat(beaten)
  }

  /** A connection whose other end has vanished would keep it waiting for longer than a lease, where another one would be answered. */
  async function sayItLives(): Promise<Beaten> {
    const { promise: late, reject } = Promise.withResolvers<never>()
    const cancel = clock.after(beatTimeoutInMs, () => {
      const message = `a beat was not answered within ${beatTimeoutInMs} ms: another one follows`
      reject(new OutboxError('ledger_unavailable', message))
    })
    try {
      return await Promise.race([ledger.beat(memberId), late])
    } finally {
      cancel()
    }
  }

  /**
   * Beside the beats, which must not wait for it: it may wait for locks for longer than a lease, and others would take this dispatcher for
   * dead.
   */
  function buryAndShare(dead: readonly Beat[]): void {
    burying ??= (async () => {
      try {
        await ledger.bury(dead)
        await share()
      } catch (error) {
        onFailure(error)
      }
      burying = undefined
    })()
  }

  function isSurelyDeadOf(id: string): boolean {
    const other = dispatchers.find((one) => one.id === id)
    return other !== undefined && isSurelyDead(other.place)
  }

  /** The next beat, and so on. When the ledger fails, it is asked more often. */
  function beatLater(delayInMs: number): void {
    cancelTimer = clock.after(delayInMs, () => void beatAndGoOn())
  }

  function beatAndGoOn(): Promise<void> {
    return (beating ??= (async () => {
      let delayInMs = leaseInMs / 3
      try {
        await beat()
      } catch (error) {
        onFailure(error)
        delayInMs = leaseInMs / 30
      }
      beating = undefined
      if (isRunning) beatLater(delayInMs)
    })())
  }

  /** One at a time, and once more when it was asked for meanwhile. */
  function share(): Promise<void> {
    if (sharing !== undefined) {
      isSharedAgain = true
      return sharing
    }
    sharing = (async () => {
      try {
        do {
          isSharedAgain = false
          await shareOnce()
        } while (isSharedAgain && isRunning && !isWithdrawn)
      } finally {
        sharing = undefined
      }
    })()
    return sharing
  }

  async function shareOnce(): Promise<void> {
    if (!isRunning || isWithdrawn) return
    const termBefore = term
    dispatchers = await ledger.listDispatchers()
    if (isWithdrawn) return
    const wanted: PartitionKey[] = []
    const { partitionCount } = ledger
    for (const endpointId of endpointIds()) {
      const mine = sharePartitions({ dispatcherId: memberId, endpointId, partitionCount }, dispatchers)
      for (const partition of mine) {
        if (!partitions.has({ endpointId, partition })) wanted.push({ endpointId, partition })
      }
      partitions.keepOnly(endpointId, mine)
    }
    partitions.keepEndpoints(endpointIds())
    if (wanted.length === 0) return
    // Those that others own still are had when they give them back, which raises the generation.
    const acquired = await ledger.acquire(memberId, wanted)
    if (!isRunning || term !== termBefore) return
    partitions.add(acquired)
    if (isWithdrawn) partitions.handOverAll()
  }

  function fallSilent(): void {
    isRunning = false
    cancelTimer?.()
  }

  return {
    get memberId() {
      return memberId
    },
    async start() {
      await register()
      isRunning = true
      dispatchers = await ledger.listDispatchers()
      await beat()
      beatLater(leaseInMs / 3)
      await burying
      await share()
    },
    share,
    async changeEndpoints() {
      await register()
      await share()
    },
    async withdraw() {
      isWithdrawn = true
      partitions.handOverAll()
      await register()
    },
    async leave() {
      fallSilent()
      await Promise.allSettled([beating, burying, sharing, registering])
      await ledger.leave(memberId)
    },
    fallSilent,
    doubt() {
      mayBeginUntil = Number.NEGATIVE_INFINITY
    },
    mayBegin() {
      if (clock.now() < mayBeginUntil) return true
      // This process was asleep. It asks at once whether it was taken for dead.
      if (isRunning && beating === undefined) {
        cancelTimer?.()
        void beatAndGoOn()
      }
      return false
    },
  }
}
