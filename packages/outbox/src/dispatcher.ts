import { AsyncLocalStorage } from 'node:async_hooks'
import { channels } from './channels.ts'
import { maxTimerInMs, systemClock, type Clock } from './clock.ts'
import type { EndpointSpec } from './endpoint-spec.ts'
import { createEndpointWorker } from './endpoint-worker.ts'
import type { Ledger } from './ledger.ts'
import { OutboxError } from './outbox-error.ts'
import { createOwner, isOwnerAlive } from './owner.ts'
import { createRetention } from './retention.ts'

/** Options of {@link createDispatcher}. */
export interface DispatcherOptions {
  ledger: Ledger
  endpoints: readonly EndpointSpec[]
  /**
   * How long a claim is good for without a word, in milliseconds; it is renewed three times in that. A process that vanishes
   * without being seen to is taken over after it. Default 15 000.
   */
  leaseInMs?: number
  /** How long a delivered delivery is kept, in milliseconds. Default 30 days. */
  retentionInMs?: number
  clock?: Clock
  /** From 0 to 1. Default `Math.random`. */
  random?: () => number
}

/** Takes deliveries from a ledger to endpoints, see {@link createDispatcher}. */
export interface Dispatcher {
  /** Takes back what dead processes of this machine had claimed, and begins to deliver. */
  start(): Promise<void>
  /**
   * Claims no more, waits for the attempts in flight, ends those that take longer than `timeoutInMs`, and gives back what was
   * not attempted. Default 10 000. Resolves at most a second after the timeout, whatever the attempts do.
   */
  stop(options?: { timeoutInMs?: number }): Promise<void>
  /** Looks for deliveries that are due: something was enqueued or changed in this process. */
  wake(): void
  /** Reads again which endpoints are paused. */
  refresh(): Promise<void>
}

const defaultLeaseInMs = 15_000
const defaultRetentionInMs = 30 * 24 * 60 * 60 * 1000
const defaultStopTimeoutInMs = 10_000
const abortGraceInMs = 500

/**
 * Delivers what a ledger holds: in order within an ordering key, one at a time, across retries, crashes and any number of
 * dispatchers on one ledger; different keys and different endpoints independently.
 *
 * @throws OutboxError `option_invalid`.
 */
export function createDispatcher({
  ledger,
  endpoints,
  leaseInMs = defaultLeaseInMs,
  retentionInMs = defaultRetentionInMs,
  clock = systemClock,
  random = Math.random,
}: DispatcherOptions): Dispatcher {
  checkPositive('leaseInMs', leaseInMs)
  checkPositive('retentionInMs', retentionInMs)
  for (const endpoint of endpoints) checkEndpoint(endpoint, endpoints)

  const context = { ledger, clock, random, owner: createOwner(), leaseInMs }
  const workers = endpoints.map((endpoint) => createEndpointWorker(endpoint, context))
  // Whoever wakes it, a request that sends an event perhaps, is not what attempts and messages belong to.
  const inOwnContext = AsyncLocalStorage.snapshot()
  const retention = createRetention({ ledger, clock, retentionInMs })
  let state: 'new' | 'starting' | 'started' | 'stopped' = 'new'
  let endWatching: (() => void) | undefined
  let cancelRenewal: (() => void) | undefined
  let stopping: Promise<void> | undefined

  async function refresh(): Promise<void> {
    const paused = new Set(await ledger.listPaused())
    inOwnContext(() => {
      for (const worker of workers) worker.setPaused(paused.has(worker.id))
    })
  }

  function wake(): void {
    if (state !== 'started') return
    inOwnContext(() => {
      for (const worker of workers) worker.wake()
    })
  }

  function renewLater(delayInMs = leaseInMs / 3): void {
    const cancelThis = clock.after(delayInMs, () => void renewAndGoOn())
    cancelRenewal = cancelThis

    async function renewAndGoOn(): Promise<void> {
      const isDone = await renew()
      // Not when the dispatcher was stopped meanwhile.
      if (cancelRenewal === cancelThis) renewLater(isDone ? undefined : leaseInMs / 30)
    }
  }

  /** Makes all leases last longer; false when the ledger failed. */
  async function renew(): Promise<boolean> {
    const held = workers.map((worker) => ({ worker, leases: worker.leases() }))
    const leases = held.flatMap((each) => each.leases)
    if (leases.length === 0) return true
    try {
      const now = clock.now()
      const leaseEndsAt = now + leaseInMs
      const asked = leases.map(({ id, token }) => ({ id, token }))
      const renewed = await ledger.renew(asked, leaseEndsAt, now)
      const kept = new Set(renewed.map(({ id, token }) => `${token} ${id}`))
      for (const { worker, leases: before } of held) {
        const still = new Set(worker.leases())
        for (const lease of before) {
          // One that was settled meanwhile is not lost but done.
          if (!kept.has(`${lease.token} ${lease.id}`) && still.has(lease)) worker.lose(lease)
        }
        worker.extend(leaseEndsAt)
      }
      return true
    } catch (error) {
      channels.failed.publish({ error })
      return false
    }
  }

  async function stop(timeoutInMs: number): Promise<void> {
    const wasStarted = state === 'started'
    state = 'stopped'
    endWatching?.()
    if (!wasStarted) return
    retention.stop()
    const drained = Promise.all(workers.map((worker) => worker.drain()))
    if (!(await within(drained, timeoutInMs))) {
      for (const worker of workers) worker.abort()
      await within(drained, abortGraceInMs)
    }
    cancelRenewal?.()
    cancelRenewal = undefined
  }

  /** Somebody else has committed: it may be deliveries, and it may be that an endpoint was paused or resumed. */
  async function lookAgain(): Promise<void> {
    await refresh().catch((error: unknown) => channels.failed.publish({ error }))
    wake()
  }

  async function start(): Promise<void> {
    if (state !== 'new') throw new OutboxError('option_invalid', 'a dispatcher is started once')
    state = 'starting'
    try {
      endWatching = ledger.onChange(() => void lookAgain())
      await ledger.recover(isOwnerAlive, clock.now())
      await refresh()
    } catch (error) {
      endWatching?.()
      if (isStarting()) state = 'new'
      throw error
    }
    if (!isStarting()) return
    state = 'started'
    renewLater()
    retention.start()
    wake()
  }

  // A function, since TypeScript does not see that stop() may have changed it during an await.
  function isStarting(): boolean {
    return state === 'starting'
  }

  return {
    start,
    stop: ({ timeoutInMs = defaultStopTimeoutInMs } = {}) => (stopping ??= stop(timeoutInMs)),
    wake,
    refresh,
  }
}

/** Whether a promise settles within a time. In real time: it is for a process that wants to end. */
async function within(promise: Promise<unknown>, timeoutInMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, Math.min(timeoutInMs, maxTimerInMs), false)
  })
  try {
    return await Promise.race([promise.then(() => true as const), timeout])
  } finally {
    clearTimeout(timer)
  }
}

function checkPositive(option: string, value: number): void {
  if (Number.isSafeInteger(value) && value > 0) return
  throw new OutboxError('option_invalid', `${option}: must be a whole number of milliseconds, 1 or more`)
}

function checkEndpoint(endpoint: EndpointSpec, all: readonly EndpointSpec[]): void {
  const { id, maxConcurrency, retryScheduleInMs } = endpoint
  if (typeof id !== 'string' || id === '') refuse('an id must be a non-empty string')
  if (all.some((other) => other !== endpoint && other.id === id)) refuse(`the id ${id} is there twice`)
  if (!Number.isSafeInteger(maxConcurrency) || maxConcurrency < 1)
    refuse('maxConcurrency must be a positive integer')
  if (retryScheduleInMs.length === 0) refuse('retryScheduleInMs must have an entry for each attempt')
  if (!retryScheduleInMs.every((wait) => Number.isFinite(wait) && wait >= 0)) {
    refuse('retryScheduleInMs must have milliseconds, 0 or more')
  }
}

function refuse(message: string): never {
  throw new OutboxError('option_invalid', `endpoints: ${message}`)
}
