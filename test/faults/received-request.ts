/** A request as the receiver got it. */
export interface ReceivedRequest {
  /** The delivery's id. */
  id: string
  /** Which sender process made it. */
  sender: string
  /** Its place among everything that happened at the receiver. */
  arrivedAt: number
  /** The same of its end: when the answer was given, or the connection broke. */
  endedAt: number
  /** Whether it was answered 200, completely. */
  isDelivered: boolean
}
