import { AsyncLocalStorage } from 'node:async_hooks'
import type { EndpointControl, NewRead, Versions } from '../ledger.ts'
import { createCondition } from './condition.ts'
import type { Dispatcher, DispatcherOptions } from './dispatcher.ts'
import { createEndpointDelivery, type EndpointDelivery } from './endpoint-delivery.ts'
import type { EndpointSpec } from './endpoint-spec.ts'
import { lineCapacity } from './line-capacity.ts'
import { createMaintenance } from './maintenance.ts'
import { createMembership } from './create-membership.ts'
import { createNewReader } from './new-reader.ts'
import { nextTurn } from './next-turn.ts'
import { createOwnedPartitions } from './owned-partitions.ts'
import { createReadMarks } from './read-marks.ts'
import { createSettler } from './settler.ts'
import { createStartNotes } from './start-notes.ts'
import { within } from './within.ts'

const abortGraceInMs = 500

/**
 * Delivers what a ledger holds: in order within an ordering key, one at a time, across retries, crashes and any number of
 * dispatchers on one ledger; different keys and different endpoints independently.
 */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { id: dispatcherId, ledger, leaseInMs, retentionInMs, clock, random, channels, company } = options
  const endpoints = new Map<string, EndpointDelivery>()
  /** Those that are not configured any more and have attempts under way. */
  const retired = new Set<EndpointDelivery>()
  let specs = options.endpoints
  const versions: Versions = { generation: -1, revision: 0 }
  let isStarted = false
  let isStopped = false
  /** Whether it was stopped while it was starting, and that took too long. */
  let isAbandoned = false
  let starting: Promise<void> = Promise.resolve()
  let endWatching: (() => void) | undefined
  let refreshing: Promise<void> = Promise.resolve()
  let configuring: Promise<void> = Promise.resolve()
  const idleness = createCondition(() => !isStarted || isIdle())
  const quietness = createCondition(isQuiet)
  // What wakes it, a request that sends an event perhaps, is not what attempts and messages belong to.
  const inOwnContext = AsyncLocalStorage.snapshot()

  const marks = createReadMarks(clock.now)
  const memberId = (): string => membership.memberId
  const onFailure = (error: unknown): void => channels.publish('failed', { error })
  const settler = createSettler({ ledger, memberId, clock, onFailure })
  const notes = createStartNotes({ ledger, memberId, clock, onLost: () => membership.doubt(), onFailure })
  const partitions = createOwnedPartitions({
    memberId,
    ledger,
    clock,
    onFailure,
    onAdded(endpointId) {
      const endpoint = endpoints.get(endpointId)
      if (endpoint === undefined) return
      // Reads under way may have begun when another dispatcher was still delivering what they saw.
      endpoint.buffer.doubt()
      endpoint.reader.restart()
      endpoint.reader.fill()
    },
    onReleased: () => void membership.share().catch(retryShare),
    onRemoved: ({ endpointId, partition }) => endpoints.get(endpointId)?.buffer.dropPartition(partition),
  })
  const maintenance = createMaintenance({ ledger, clock, retentionInMs, onFailure, onShortened: restartDue })
  const membership = createMembership({
    dispatcherId,
    ledger,
    clock,
    leaseInMs,
    partitions,
    endpointIds: () => specs.map(({ id }) => id),
    onFailure,
    onBeat(beaten) {
      maintenance.noteTime(beaten.now)
      heed(beaten)
      // What no notification told of is found now at the latest.
      newReader.read()
      goOn()
    },
    catchUp: () => refresh(),
    onCaughtUp: goOn,
  })
  const newReader = createNewReader({ ledger, clock, onFailure, beginRead })

  function beginRead(): (read: NewRead | undefined) => void {
    const mark = marks.begin()
    return (read) => {
      const touched = new Set<EndpointDelivery>()
      for (const [index, delivery] of read?.deliveries.entries() ?? []) {
        const endpoint = endpoints.get(delivery.endpointId)
        endpoint?.reader.offerNew(delivery, index < read!.lateCount, mark)
        if (endpoint !== undefined) touched.add(endpoint)
      }
      marks.end(mark)
      goOn(touched)
      if (read !== undefined) heed(read)
      checkIdle()
    }
  }

  function goOn(those: Iterable<EndpointDelivery> = endpoints.values()): void {
    for (const { reader, executor } of those) {
      reader.fill()
      executor.pump()
    }
  }

  /** Reads again what others have changed. */
  function heed({ generation, revision }: Versions): void {
    if (generation !== versions.generation) {
      versions.generation = generation
      membership.share().catch(retryShare)
    }
    if (revision > versions.revision) void refresh().catch(onFailure)
  }

  function retryShare(error: unknown): void {
    onFailure(error)
    versions.generation = -1
  }

  function restartDue(): void {
    for (const { reader } of endpoints.values()) {
      reader.restartDue()
      reader.fill()
    }
  }

  /** One at a time: the answer of a later one must not be overtaken by that of an earlier one. */
  function refresh(sinceRevision?: number): Promise<void> {
    const next = refreshing.then(() => refreshOnce(sinceRevision ?? versions.revision))
    refreshing = next.catch(() => {})
    return next
  }

  async function refreshOnce(since: number): Promise<void> {
    const controls = await ledger.readEndpoints(since)
    const revision = Math.max(since, ...controls.map((control) => control.revision))
    await inOwnContext(() => Promise.all(controls.map(obey)))
    versions.revision = Math.max(versions.revision, revision)
    checkIdle()
  }

  async function obey(control: EndpointControl): Promise<void> {
    await endpoints.get(control.id)?.obey(control)
  }

  function add(spec: EndpointSpec): void {
    const { id: endpointId } = spec
    const endpoint = createEndpointDelivery({
      spec,
      capacity: lineCapacity(spec.maxConcurrency, specs.length),
      ledger,
      marks,
      clock,
      random,
      channels,
      company,
      settler,
      notes,
      partitions,
      membership,
      refresh: () => refresh(),
      onRest: checkIdle,
      onFailure,
    })
    endpoints.set(endpointId, endpoint)
    if (partitions.active(endpointId).size > 0) endpoint.reader.restart()
  }

  /** Begins nothing more there; what is under way ends in its own time. */
  function retire(endpointId: string): void {
    const endpoint = endpoints.get(endpointId)
    if (endpoint === undefined) return
    endpoint.stop()
    endpoints.delete(endpointId)
    retired.add(endpoint)
  }

  function isIdle(): boolean {
    return [...endpoints.values()].every((endpoint) => endpoint.isIdle())
  }

  function isQuiet(): boolean {
    for (const endpoint of retired) if (endpoint.buffer.busyCount === 0) retired.delete(endpoint)
    return retired.size === 0 && [...endpoints.values()].every(({ buffer }) => buffer.busyCount === 0)
  }

  function checkIdle(): void {
    quietness.check()
    idleness.check()
  }

  function wake(): void {
    if (isStarted) inOwnContext(() => newReader.read())
  }

  async function startOnce(): Promise<void> {
    for (const spec of specs) add(spec)
    try {
      // Before anything is read, so that nothing is accepted between the two.
      await newReader.start()
      endWatching = ledger.onChange(wake)
      await refresh(0) // What was decided here before, too: nothing was there to obey it.
      await membership.start()
    } catch (error) {
      endWatching?.()
      for (const id of endpoints.keys()) retire(id)
      await membership.leave().catch(() => {})
      throw error
    }
    isStarted = true
    if (isAbandoned) return membership.leave()
    if (isStopped) return
    maintenance.start()
    wake()
  }

  async function stop(timeoutInMs: number): Promise<void> {
    isStopped = true
    newReader.stop()
    maintenance.stop()
    for (const endpoint of endpoints.values()) endpoint.stop()
    isAbandoned = !(await within(Promise.allSettled([starting]), timeoutInMs))
    endWatching?.()
    const wasStarted = isStarted
    isStarted = false
    checkIdle()
    if (!wasStarted) return
    membership.withdraw().catch(onFailure)
    if (!(await within(quietness.met(), timeoutInMs))) {
      partitions.abortAll()
      await within(quietness.met(), abortGraceInMs)
      settler.giveUp()
      notes.giveUp()
      await nextTurn()
    }
    // An attempt that ignores its signal is still under way: no other may make it before the lease has ended.
    if (isQuiet()) await within(membership.leave().catch(onFailure), abortGraceInMs)
    else membership.fallSilent()
  }

  function hold(id: string): () => void {
    const releases = [...endpoints.values()].map(({ buffer }) => buffer.hold(id))
    return () => {
      for (const release of releases) release()
      goOn()
    }
  }

  async function configure(next: readonly EndpointSpec[]): Promise<void> {
    specs = next
    if (!isStarted) return
    const kept = new Set(next.map(({ id }) => id))
    const removed = [...endpoints.keys()].filter((id) => !kept.has(id))
    // Not only when the ledger has been told: should that fail, nothing more begins there either.
    partitions.keepEndpoints(next.map(({ id }) => id))
    for (const id of removed) retire(id)
    for (const spec of next) {
      const known = endpoints.get(spec.id)
      if (known === undefined) add(spec)
      else known.configure(spec, lineCapacity(spec.maxConcurrency, specs.length))
    }
    // What was decided about those that are new.
    await refresh(0)
    await membership.changeEndpoints()
  }

  async function idle(): Promise<void> {
    if (!isStarted) return
    await refresh()
    await newReader.readToEnd()
    await idleness.met()
  }

  return {
    start() {
      starting = inOwnContext(startOnce)
      configuring = starting.catch(() => {})
      return starting
    },
    stop: (timeoutInMs) => inOwnContext(stop, timeoutInMs),
    wake,
    refresh: () => inOwnContext(() => refresh()),
    hold: (id) => {
      const release = inOwnContext(hold, id)
      return () => inOwnContext(release)
    },
    configure(next) {
      const done = configuring.then(() => inOwnContext(configure, next))
      configuring = done.catch(() => {})
      return done
    },
    isInFlight: (id) => [...endpoints.values()].some(({ buffer }) => buffer.isBusyWith(id)),
    idle: () => inOwnContext(idle),
  }
}
