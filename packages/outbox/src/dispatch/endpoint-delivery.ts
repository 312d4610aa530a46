import type { OutboxChannels } from '../channels.ts'
import type { Clock } from '../clock.ts'
import type { Company } from './company.ts'
import type { DispatchLedger, EndpointControl } from '../ledger.ts'
import { createEndpointExecutor } from './create-endpoint-executor.ts'
import type { EndpointExecutor } from './endpoint-executor.ts'
import { createEndpointReader, type EndpointReader } from './endpoint-reader.ts'
import type { EndpointSpec } from './endpoint-spec.ts'
import { createLineBuffer } from './create-line-buffer.ts'
import type { LineBuffer } from './line-buffer.ts'
import type { Membership } from './membership.ts'
import type { OwnedPartitions } from './owned-partitions.ts'
import type { ReadMarks } from './read-marks.ts'
import type { Settler } from './settler.ts'
import type { StartNotes } from './start-notes.ts'

/** What delivers to one endpoint, see {@link createEndpointDelivery}. */
export interface EndpointDelivery {
  readonly buffer: LineBuffer
  readonly reader: EndpointReader
  readonly executor: EndpointExecutor
  /** Takes over another configuration; attempts under way go on with the former one. */
  configure(spec: EndpointSpec, capacity: number): void
  /** Goes by what was decided about the endpoint and its deliveries. */
  obey(control: EndpointControl): Promise<void>
  /** Begins nothing more; what is under way ends in its own time. */
  stop(): void
  /** Whether nothing is due there that could be attempted, and nothing is under way. */
  isIdle(): boolean
}

/** Options of {@link createEndpointDelivery}. */
export interface EndpointDeliveryOptions {
  spec: EndpointSpec
  /** How many lines of each kind may be in memory. */
  capacity: number
  ledger: DispatchLedger
  marks: ReadMarks
  clock: Clock
  /** From 0 to 1. */
  random: () => number
  channels: OutboxChannels
  company: Company
  settler: Settler
  notes: StartNotes
  partitions: OwnedPartitions
  membership: Pick<Membership, 'memberId' | 'mayBegin' | 'doubt'>
  /** Reads what is decided about endpoints, and goes by it. */
  refresh: () => Promise<void>
  /** Called when it may have become idle. */
  onRest: () => void
  /** Told of what fails and is tried again. */
  onFailure: (error: unknown) => void
}

const checkAtOnce = 500

/** Puts together what one endpoint has of its own: the reader fills the buffer, and the executor attempts what is there. */
export function createEndpointDelivery({
  spec,
  capacity: firstCapacity,
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
  refresh,
  onRest,
  onFailure,
}: EndpointDeliveryOptions): EndpointDelivery {
  const { id: endpointId } = spec
  let capacity = firstCapacity
  const buffer = createLineBuffer({
    marks,
    capacity: () => capacity,
    now: clock.now,
    onWait: (readyAt) => reader.noteWait(readyAt),
  })
  const reader = createEndpointReader({
    endpointId,
    ledger,
    buffer,
    marks,
    clock,
    partitions: partitions.active(endpointId),
    capacity: () => capacity,
    onRead: () => {
      executor.pump()
      onRest()
    },
    onFailure,
  })
  const executor = createEndpointExecutor({
    spec,
    buffer,
    partition: (partition) => partitions.find({ endpointId, partition }),
    ledger,
    memberId: () => membership.memberId,
    settler,
    notes,
    clock,
    random,
    mayBegin: membership.mayBegin,
    onLost: membership.doubt,
    onWait: reader.noteWait,
    onSettled: () => {
      reader.fill()
      onRest()
    },
    async refresh() {
      try {
        await refresh()
        return true
      } catch (error) {
        onFailure(error)
        return false
      }
    },
    setCircuit: (change) => ledger.setCircuit(endpointId, change).catch(onFailure),
    onFailure,
    channels,
    company,
  })

  return {
    buffer,
    reader,
    executor,
    configure(next, nextCapacity) {
      capacity = nextCapacity
      executor.configure(next)
      reader.fill()
    },
    async obey(control) {
      // A pause holds for what begins while the ledger is asked what has become of what was read. A resumption waits for the answer.
      const isPaused = control.paused !== undefined
      if (isPaused) executor.obey(control)
      buffer.doubt()
      const numbers = buffer.waitingNumbers()
      for (let start = 0; start < numbers.length; start += checkAtOnce) {
        const asked = numbers.slice(start, start + checkAtOnce)
        const mark = marks.begin()
        try {
          buffer.recheck(asked, await ledger.readPending(asked), mark)
        } finally {
          marks.end(mark)
        }
      }
      if (!isPaused) executor.obey(control)
      reader.restartDue()
      reader.fill()
    },
    stop() {
      executor.stop()
      reader.stop()
    },
    isIdle() {
      if (buffer.busyCount > 0) return false
      return executor.isPaused || (buffer.readyCount === 0 && reader.isCaughtUp)
    },
  }
}
