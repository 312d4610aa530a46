import type { AttemptReport } from '../../delivery.ts'

/** Which delivery, in the words of tasks. */
export interface DeliveryFacts {
  id: string
  endpointId: string
  taskId: string
  eventType: string
}

/** What a sender or an inbox has to tell: plain data, of its own endpoints and its own ledger. Times are milliseconds since 1970. */
export type Notice =
  | ({ kind: 'accepted' } & DeliveryFacts)
  | ({ kind: 'attempted' } & AttemptedFacts)
  | ({ kind: 'exhausted'; isHeld?: true } & DeliveryFacts)
  | { kind: 'gone'; endpointId: string }
  | { kind: 'circuit-opened'; endpointId: string; until?: number | undefined }
  | { kind: 'circuit-closed'; endpointId: string }
  | { kind: 'ledger-failed'; error: unknown }
  | { kind: 'ledger-recovered' }
  | { kind: 'nothing-enabled' }
  | { kind: 'not-started'; pending: number }

/** An attempt that was made and written down. */
export interface AttemptedFacts extends DeliveryFacts {
  /** 1 for the first attempt since the delivery was accepted or resent. */
  number: number
  result: ReportedResult
  /** When the next one is made. Not there after the last one, nor where it is not known. */
  nextAttemptAt?: number | undefined
}

/** As much of a report as a notice needs. */
export type ReportedResult = Pick<AttemptReport, 'outcome' | 'durationInMs'> & {
  status?: number | undefined
  errorCode?: string | undefined
  errorMessage?: string | undefined
}

/** Where notices come from. Returns what ends the subscription. */
export type NoticeSource = (listener: (notice: Notice) => void) => () => void
