import type { LiveDispatcher, PartitionKey } from '../ledger.ts'
import { type Beat, createBeatWatch } from './beat-watch.ts'
import { OutboxError } from '../outbox-error.ts'
import type { Membership, MembershipOptions } from './membership.ts'
import { isSurelyDead } from './place.ts'
import { createRegistration } from './registration.ts'
import { sharePartitions } from './share-partitions.ts'

/** A beat on its way. */
interface BegunBeat {
  startedAt: number
  doubts: number
  /** Whether nothing might begin any more. */
  isSilent: boolean
}

const retryInMs = 250

/**
 * Keeps a dispatcher registered, watches the other dispatchers, and shares partitions with them. It beats three times
 * in a lease. A dispatcher that was buried while it lived finds out at its next beat, gives up its partitions, and
 * joins again.
 */
export function createMembership({
  dispatcherId,
  ledger,
  clock,
  leaseInMs,
  partitions,
  endpointIds,
  onBeat,
  catchUp,
  onCaughtUp,
  onFailure,
}: MembershipOptions): Membership {
  const watch = createBeatWatch(leaseInMs)
  const beatTimeoutInMs = Math.ceil(leaseInMs / 3)
  const registration = createRegistration({
    dispatcherId,
    ledger,
    endpointIds: () => (isWithdrawn ? [] : endpointIds()),
    onFailure,
  })
  let mayBeginUntil = Number.NEGATIVE_INFINITY
  /** How often it has doubted: a beat that was on its way then says nothing. */
  let doubts = 0
  /** Up to which of them it has asked what it owns. */
  let sharedDoubts = 0
  /** While it catches up: the beat that lets it begin then, the latest that was answered. */
  let silentBeat: BegunBeat | undefined
  let isRunning = false
  let isWithdrawn = false
  let cancelTimer: (() => void) | undefined
  let beating: Promise<void> | undefined
  let sharing: Promise<void> | undefined
  let burying: Promise<void> | undefined
  let isSharedAgain = false
  let dispatchers: LiveDispatcher[] = []

  async function beat(): Promise<void> {
    const begun = beginBeat()
    await registration.ensure()
    await inTime(ask(begun))
  }

  function beginBeat(): BegunBeat {
    const startedAt = clock.now()
    return { startedAt, doubts, isSilent: startedAt >= mayBeginUntil }
  }

  /** Goes by the answer however late it comes: others see the beat, and what it lets begin ends a lease after it began. */
  async function ask(begun: BegunBeat): Promise<void> {
    const { memberId } = registration
    let beaten = await ledger.beat(memberId)
    // It has left, or another beat was answered that it had been buried.
    if (!isRunning || registration.memberId !== memberId) return
    if (!beaten.isMember) {
      partitions.loseAll()
      await registration.joinAnew()
      beaten = await ledger.beat(registration.memberId)
    }
    if (doubts !== sharedDoubts) await share()
    if (begun.isSilent) void catchUpAndBegin(begun)
    else letBegin(begun)
    const others = beaten.beats.filter(({ id }) => id !== registration.memberId)
    const dead = watch.look(others, clock.now())
    const alsoDead = others.filter(({ id }) => isSurelyDeadOf(id) && !dead.some((one) => one.id === id))
    if (dead.length + alsoDead.length > 0) buryAndShare([...dead, ...alsoDead])
    onBeat(beaten)
  }

  function letBegin(begun: BegunBeat): void {
    if (begun.doubts === doubts) mayBeginUntil = Math.max(mayBeginUntil, begun.startedAt + leaseInMs)
  }

  /** What was decided while it was silent holds for whatever begins now, and no notification may have told of it. */
  async function catchUpAndBegin(begun: BegunBeat): Promise<void> {
    const isCatchingUp = silentBeat !== undefined
    silentBeat = begun
    if (isCatchingUp) return
    try {
      await catchUp()
      letBegin(silentBeat)
      silentBeat = undefined
      onCaughtUp()
    } catch (error) {
      onFailure(error)
      clock.after(retryInMs, () => void (silentBeat = undefined))
    }
  }

  /** A connection whose other end has vanished would keep the next beat waiting for longer than a lease, where another connection would be answered. */
  async function inTime(answered: Promise<void>): Promise<void> {
    const { promise: late, reject } = Promise.withResolvers<never>()
    const cancel = clock.after(beatTimeoutInMs, () => {
      const message = `a beat was not answered within ${beatTimeoutInMs} ms: another one follows`
      reject(new OutboxError('ledger_unavailable', message))
    })
    try {
      await Promise.race([answered, late])
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
      const doubtsBefore = doubts
      try {
        await beat()
        if (doubts !== doubtsBefore) delayInMs = 0
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
    const { memberId } = registration
    const doubtsBefore = doubts
    const isInDoubt = doubts !== sharedDoubts
    dispatchers = await ledger.listDispatchers()
    if (isWithdrawn) return
    const wanted: PartitionKey[] = []
    const { partitionCount } = ledger
    for (const endpointId of endpointIds()) {
      const mine = sharePartitions({ dispatcherId: memberId, endpointId, partitionCount }, dispatchers)
      for (const partition of mine) {
        if (isInDoubt || !partitions.has({ endpointId, partition })) wanted.push({ endpointId, partition })
      }
      partitions.keepOnly(endpointId, mine)
    }
    partitions.keepEndpoints(endpointIds())
    // Those that others own still are had when they give them back, which raises the generation.
    const acquired = wanted.length === 0 ? [] : await ledger.acquire(memberId, wanted)
    if (!isRunning || registration.memberId !== memberId) return
    if (isInDoubt) partitions.loseOthers(wanted, acquired)
    sharedDoubts = doubtsBefore
    partitions.add(acquired)
    if (isWithdrawn) partitions.handOverAll()
  }

  function fallSilent(): void {
    isRunning = false
    cancelTimer?.()
  }

  return {
    get memberId() {
      return registration.memberId
    },
    async start() {
      await registration.register()
      isRunning = true
      dispatchers = await ledger.listDispatchers()
      await ask({ ...beginBeat(), isSilent: false })
      beatLater(leaseInMs / 3)
      await burying
      await share()
    },
    share,
    async changeEndpoints() {
      await registration.register()
      await share()
    },
    async withdraw() {
      isWithdrawn = true
      partitions.handOverAll()
      await registration.register()
    },
    async leave() {
      fallSilent()
      await Promise.allSettled([beating, burying, sharing, registration.settled()])
      await ledger.leave(registration.memberId)
    },
    fallSilent,
    doubt() {
      doubts += 1
      mayBeginUntil = Number.NEGATIVE_INFINITY
    },
    mayBegin() {
      if (clock.now() < mayBeginUntil) return true
      // This process was asleep. It asks at once whether it was taken for dead.
      if (isRunning && beating === undefined && silentBeat === undefined) {
        cancelTimer?.()
        void beatAndGoOn()
      }
      return false
    },
  }
}
