import type { DeliveryState } from '../delivery.ts'
import type {
  AttemptSummary,
  CountOptions,
  DeliveryChangeKind,
  DeliverySummary as OutboxDeliverySummary,
  FollowOptions,
  ResendAllOptions,
  WatchOptions,
} from '../operate/operators.ts'

/**
 * An outbox's deliveries in the words of tasks, see {@link createTaskDeliveries}: looks deliveries up and changes what becomes of them. An id
 * that is not known is an answer, not an error.
 */
export interface TaskDeliveries {
  /**
   * A page of deliveries, latest accepted or resent first.
   *
   * @throws OptionError for a filter that is not known, or cannot be.
   */
  list(filter?: DeliveryListFilter): Promise<{ deliveries: DeliverySummary[]; nextCursor?: string }>
  /** How many match: exactly, or as many as the limit when there are more. */
  count(filter?: DeliveryFilter, options?: CountOptions): Promise<{ count: number; isExact: boolean }>
  /** Says when to look again, see `watch` of the outbox's deliveries. */
  watch(options?: WatchOptions): AsyncIterable<void>
  /** What becomes of deliveries from now on, see `follow` of the outbox's deliveries. */
  follow(filter?: Omit<DeliveryFilter, 'state'>, options?: FollowOptions): AsyncIterable<DeliveryChange>
  /** One delivery with all its attempts; `undefined` when it is not known. */
  get(id: string): Promise<DeliveryDetails | undefined>
  /**
   * Delivers once more, with the same id, so that receivers recognise the repeat. The delivery goes last of its task. A
   * pending delivery that waits for its retry is attempted at once.
   *
   * @returns Whether the delivery is known.
   */
  resend(id: string): Promise<boolean>
  /**
   * Resends all that match, in the order accepted, `perSecond` of them, the exhausted ones unless the filter names another state.
   * What comes to match while it runs is left alone. With a signal that is aborted, it ends and says how many it has resent.
   */
  resendAll(filter: DeliveryFilter, options: ResendAllOptions): Promise<{ resent: number }>
  /**
   * Gives up a pending delivery, and lets the next one of its task through. An attempt under way continues: if the
   * receiver accepts it, the delivery is `delivered`.
   *
   * @returns Whether it was pending.
   */
  cancel(id: string): Promise<boolean>
}

/** Which deliveries. Everything given must hold. */
export interface DeliveryFilter {
  state?: DeliveryState | undefined
  taskId?: string | undefined
  endpointId?: string | undefined
  eventType?: string | undefined
  /** Accepted then or later. */
  acceptedFrom?: Date | undefined
  /** Accepted before. */
  acceptedBefore?: Date | undefined
}

/** Which deliveries, and which page of them. */
export interface DeliveryListFilter extends DeliveryFilter {
  /** How many at most, 1 to 1000. Default 100. */
  limit?: number | undefined
  /** The `nextCursor` of the page before. */
  cursor?: string | undefined
  /** First accepted or resent first, instead of latest. */
  oldestFirst?: boolean | undefined
  /**
   * How many of the latest deliveries are looked at, 1 to 1 000 000, for a filter that no index answers: by type, by times, or by endpoint alone. A
   * page may then have fewer than `limit` deliveries, or none, and a `nextCursor` from which to look further. Default: all. Not with
   * `oldestFirst`.
   */
  lookAtMost?: number | undefined
}

/** One event at one endpoint. Its `id` is what receivers get as `webhook-id`. */
export interface DeliverySummary extends Omit<OutboxDeliverySummary, 'orderingKey' | 'type'> {
  taskId: string
  eventType: string
}

/** A delivery with its body, and its attempts, first one first. */
export interface DeliveryDetails extends DeliverySummary {
  payload: string
  attempts: AttemptSummary[]
}

/** A change, and the delivery after it. */
export interface DeliveryChange {
  kind: DeliveryChangeKind
  delivery: DeliverySummary
}
