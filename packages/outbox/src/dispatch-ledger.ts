import type { AttemptEnd, AttemptStart } from './attempt-start.ts'
import type { AttemptTransaction } from './attempt-transaction.ts'
import type { CircuitChange, EndpointControl } from './endpoint-control.ts'
import type { AttemptOutcome, AttemptResponseRecord, DeliveryState } from './delivery.ts'

/**
 * What a dispatcher calls. An endpoint's ordering keys are hashed into {@link partitionCount} partitions, and a
 * dispatcher owns partitions, not deliveries. It reads the deliveries of its partitions without a write, attempts them,
 * and settles them with one write each.
 *
 * @typeParam T What an attempt's transaction is written through.
 */
export interface DispatchLedger<T = unknown> {
  /** How many partitions the ordering keys of one endpoint are in. */
  readonly partitionCount: number

  /** Registers a dispatcher, or changes which endpoints it delivers to. Raises the generation. */
  join(dispatcher: DispatcherRecord): Promise<void>
  /**
   * One heartbeat for everything that a dispatcher owns: its beat rises. A store that can lose commits and go on gives
   * no beat a second time all the same. No clock ends anything here. Other
   * dispatchers watch the beat, and {@link bury} a dispatcher whose beat has stood still for too long.
   */
  beat(dispatcherId: string): Promise<Membership>
  /** Who has joined and not left, in the order of their ids. */
  listDispatchers(): Promise<LiveDispatcher[]>
  /** Gives up all that the dispatcher owns, and forgets it. Raises the generation if it was there. */
  leave(dispatcherId: string): Promise<void>
  /**
   * The same for those that are dead, each only if its beat is still the one given; resolves to how many. Raises the generation
   * if that is more than none.
   */
  bury(dead: readonly { id: string; beat: number }[]): Promise<number>
  /**
   * Takes the free partitions for a dispatcher that has joined, and resolves to the partitions that it got. A partition
   * that it owns already counts as got and keeps its epoch.
   */
  acquire(dispatcherId: string, wanted: readonly PartitionKey[]): Promise<OwnedPartition[]>
  /** Gives partitions back; those that it does not own under this epoch are left alone. Raises the generation. */
  release(dispatcherId: string, partitions: readonly OwnedPartition[]): Promise<void>

  /**
   * Reads the deliveries that are new since `position`, of all endpoints and partitions, in the order of their numbers.
   * Without a position, it reads nothing and returns the present end as the position. {@link readBacklog} reads the
   * deliveries that are pending before it. Every delivery that becomes visible after a position is read exactly once
   * from there on, however late its transaction commits.
   */
  readNew(position: ReadPosition | undefined, limit: number): Promise<NewRead>
  /** Reads pending deliveries of one endpoint's partitions with numbers above `after`, in the order of numbers. */
  readBacklog(request: BacklogRequest): Promise<ReadDelivery[]>
  /**
   * Reads the heads of ordering keys of one endpoint's partitions that have a time ({@link ReadDelivery.readyInMs} was given once)
   * and are due by now, longest due first, from a position on.
   */
  readDue(request: DueRequest): Promise<DueRead>
  /** Reads the pending deliveries of ordering keys, each in the order of numbers: the truth about a line. */
  readLines(requests: readonly LineRequest[]): Promise<ReadDelivery[][]>

  /**
   * Writes down how attempts ended, many in one commit; answers in the same order. The first attempt of a delivery goes into its
   * row. An attempt whose outcome is `gone` pauses its endpoint in the same commit, and raises the revision.
   *
   * @param onCommit What a ledger calls that waits for the disk after its commit: everyone sees what was written, and only a power failure
   * can undo it. It is called before the promise resolves, or not at all. Such a ledger may wait for other settlements that share the way to the
   * disk, 5 ms at the most: see {@link flush}.
   */
  settle(
    dispatcherId: string,
    settlements: readonly Settlement[],
    onCommit?: () => void,
  ): Promise<SettleAnswer[]>
  /** Brings to the disk now what was settled: somebody has nothing to do before that. Nothing where `onCommit` is not called. */
  flush(): void

  /**
   * Notes that attempts begin, before they do, and that others have ended. Answers for each of those that begin, how often in a row an attempt of
   * the same delivery, with the same tries, was begun by a dispatcher and not ended by it, while another begins it now: as often, a process
   * has died during one, or was taken for dead. From then on it counts as begun only when it is alone. `lost`: the partition is no longer owned
   * under this epoch, and nothing was noted.
   */
  noteStarts(
    dispatcherId: string,
    starts: readonly AttemptStart[],
    ends: readonly AttemptEnd[],
  ): Promise<(number | 'lost')[]>
  /**
   * Makes a transaction ready for one attempt. It waits for its turn: there are few at a time, one of SQLite, and half as many as
   * connections of PostgreSQL. Each is ended by the caller.
   *
   * @param signal Ends the wait.
   * @throws OutboxError; the reason of the signal.
   */
  begin(signal: AbortSignal): Promise<AttemptTransaction<T>>
  /**
   * Checks that {@link begin} can work at all on this ledger.
   *
   * @throws OutboxError `transaction_invalid`.
   */
  checkBegin(): void

  /**
   * Reads what is decided about endpoints: those about which, or about whose pending deliveries, something was decided after a
   * revision; 0 for all that anything was ever decided about.
   */
  readEndpoints(sinceRevision: number): Promise<EndpointControl[]>
  /** Opens or closes an endpoint's circuit for all dispatchers. Raises the revision. */
  setCircuit(endpointId: string, circuit: CircuitChange): Promise<void>
  /** What is still pending of these deliveries, each as it is now: others may have canceled, resent or hurried some. */
  readPending(numbers: readonly number[]): Promise<ReadDelivery[]>
  /**
   * Mends waits after the clock was set back: a delivery never waits longer than it was told to wait. Looks at `limit` deliveries at the
   * most; resolves to how many it changed.
   */
  shortenWaits(limit: number): Promise<number>
  /**
   * Deletes deliveries that were delivered longer ago than `olderThanInMs`, `limit` of them or a little more; resolves to how many. A
   * ledger that keeps them by the day deletes whole days, and those alone that have ended before.
   */
  purge(olderThanInMs: number, limit: number): Promise<number>

  /**
   * Calls back after others have changed something: accepted, resent, canceled, paused, resumed, joined, left. Within 100 ms where the
   * store can tell, at every look (some seconds) otherwise; it may call back without need. Returns what ends it.
   */
  onChange(listener: () => void): () => void
}

/** A dispatcher, as it registers itself. */
export interface DispatcherRecord {
  /** Its own among all that ever were. */
  id: string
  /** Where it runs: machine, process and so on, for those that run there too to see whether it lives. Opaque to the ledger. */
  place: string
  endpointIds: readonly string[]
}

/** A dispatcher, as others see it. */
export interface LiveDispatcher extends DispatcherRecord {
  beat: number
}

/** What a heartbeat answers. */
export interface Membership extends Versions {
  /** Whether it is still registered; if not, others have buried it, and it owns nothing. */
  isMember: boolean
  /** The beats of all dispatchers, its own included. */
  beats: { id: string; beat: number }[]
  /** The ledger's time, in milliseconds since 1970. */
  now: number
}

/** Two counters that tell a dispatcher what to read again. */
export interface Versions {
  /** Raised when a dispatcher joins, leaves or is buried, or a partition is given back. */
  generation: number
  /** Raised when something was decided about endpoints or pending deliveries: pause, resume, circuit, cancel, hurry. */
  revision: number
}

/** One partition of one endpoint. */
export interface PartitionKey {
  endpointId: string
  /** From 0 to {@link DispatchLedger.partitionCount} − 1. */
  partition: number
}

/** A partition that a dispatcher owns. */
export interface OwnedPartition extends PartitionKey {
  /** Rises with every owner. What comes from an earlier one changes nothing. */
  epoch: number
}

/** Up to where a dispatcher has read. Opaque; only good for the ledger that gave it. */
export interface ReadPosition {
  readonly position: unknown
}

/** A delivery that was read: everything that an attempt needs, and where it stands. */
export interface ReadDelivery {
  /** The order accepted. A resend gives a delivery a new one. */
  number: number
  id: string
  endpointId: string
  partition: number
  orderingKey: string
  type: string
  payload: string
  context?: string
  /** Milliseconds since 1970. */
  acceptedAt: number
  /** Attempts since it was accepted or resent: where it is in its retry schedule. */
  tries: number
  /** How long it has still to wait, in milliseconds; 0 when it may be attempted at once. */
  readyInMs: number
  /** Whether nothing of its ordering key at its endpoint is pending before it. */
  isHead: boolean
}

/** What {@link DispatchLedger.readNew} answers. */
export interface NewRead extends Versions {
  /** In the order of numbers. */
  deliveries: ReadDelivery[]
  /**
   * How many of them, at the beginning, have numbers below others that were read earlier: their transactions committed late.
   */
  lateCount: number
  position: ReadPosition
  /** Whether there is nothing more for now. */
  isEnd: boolean
}

/** What {@link DispatchLedger.readBacklog} reads. */
export interface BacklogRequest {
  endpointId: string
  partitions: readonly number[]
  /** A number; 0 for everything. */
  after: number
  limit: number
}

/** What {@link DispatchLedger.readDue} reads. */
export interface DueRequest {
  endpointId: string
  partitions: readonly number[]
  after?: DuePosition | undefined
  limit: number
}

/** Up to where deliveries that are due were read. Without one, from the longest due on. */
export interface DuePosition {
  readonly readyAt: number
  readonly number: number
}

/** What {@link DispatchLedger.readDue} answers. */
export interface DueRead {
  deliveries: ReadDelivery[]
  position: DuePosition | undefined
  /** Whether there is nothing more that is due by now. */
  isEnd: boolean
  /** In how many milliseconds the next one falls due; only with {@link isEnd}, and not there when nothing waits. */
  nextInMs?: number
}

/** What {@link DispatchLedger.readLines} reads. */
export interface LineRequest {
  endpointId: string
  orderingKey: string
  /** A number; 0 for everything. */
  after: number
  limit: number
}

/** How an attempt ended, and what the delivery becomes. */
export interface Settlement extends OwnedPartition {
  /** The delivery's number. */
  number: number
  /**
   * As it was read. A settlement that was written already, and is given again since its answer was lost, finds another value, and
   * is answered with `lost`.
   */
  tries: number
  attempt: SettledAttempt
  /** `pending` needs {@link retryInMs}. A `held` delivery keeps its place and waits without a limit, until it is resent or canceled. */
  state: 'pending' | 'delivered' | 'exhausted' | 'held'
  /** How long the next attempt waits, in milliseconds from now. */
  retryInMs?: number
}

/** An attempt, as it is written down. */
export interface SettledAttempt {
  /** How long ago it began, in milliseconds. */
  startedAgoInMs: number
  durationInMs: number
  outcome: AttemptOutcome
  status?: number
  errorCode?: string
  errorMessage?: string
  response?: AttemptResponseRecord
}

/**
 * The state of a delivery after its settlement, or why nothing was written. `lost`: the partition is no longer owned
 * under this epoch, or there is no delivery with this number and these {@link Settlement.tries}. `locked`: another
 * transaction holds its row; try again. A delivery that was canceled during its attempt stays `canceled`, unless the
 * attempt delivered it: then it is `delivered`.
 */
export type SettleAnswer = DeliveryState | 'lost' | 'locked'
