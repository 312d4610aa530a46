/** An event that the sender accepted, in the order accepted. */
export interface SentEvent {
  /** The delivery's `webhook-id`. */
  delivery: string
  task: string
  /** The sender stopped trying: its schedule ended, or an operator canceled it. Later events of the task may follow. */
  givenUp?: true
}

/** One request as a receiver saw it. */
export interface ObservedAttempt {
  delivery: string
  /** When it began to arrive, on any clock that only goes forward. */
  from: number
  /** When it was answered, or its connection ended. */
  to: number
  /** The status of the answer; `null` if the sender was gone before the answer. */
  status: number | null
}

/** What is wrong with the order in which a receiver saw the events of a task. */
export interface OrderProblem {
  delivery: string
  /**
   * `overtaken`: it came before an earlier event of its task had been taken or given up, or after a later one had begun.
   * `overlapping`: it came while another event of its task was being answered. `unknown`: it was never sent. `lost`: it was
   * neither taken nor given up.
   */
  problem: 'overtaken' | 'overlapping' | 'unknown' | 'lost'
}

/** The events sent, the attempts that a receiver saw, and the problems in them. */
export interface OrderingVector {
  /** It stays the same from version to version. */
  name: string
  /** One sentence for people. */
  why: string
  sent: readonly SentEvent[]
  attempts: readonly ObservedAttempt[]
  /** Nothing, where a receiver may see this. */
  problems: readonly OrderProblem[]
}
