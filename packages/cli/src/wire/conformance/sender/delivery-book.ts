/** A delivery as a receiver knows it: by its `webhook-id`, or else by its body. */
export interface BookedDelivery {
  readonly name: string
  readonly task: string
  readonly body: string
  isTaken: boolean
  /** Requests under way or refused so far. */
  attempts: number
}

/** Tells which delivery a request is an attempt at. */
export interface DeliveryBook {
  readonly deliveries: readonly BookedDelivery[]
  /** `hasNewId`: it is a delivery that was refused, under another `webhook-id`. */
  book(request: { id: string | undefined; task: string; body: string }): {
    delivery: BookedDelivery
    hasNewId: boolean
  }
}

/** Makes an empty book. */
export function createDeliveryBook(): DeliveryBook {
  const deliveries: BookedDelivery[] = []
  const byId = new Map<string, BookedDelivery>()
  return {
    deliveries,
    book({ id, task, body }) {
      const known = id === undefined ? undefined : byId.get(id)
      // The next event of a task does not come before this one is taken: the same body again is this one again.
      const refused = deliveries.find((one) => !one.isTaken && one.task === task && one.body === body)
      const found = known ?? refused
      const delivery = found ?? {
        name: id ?? `request-${deliveries.length + 1}`,
        task,
        body,
        isTaken: false,
        attempts: 0,
      }
      if (found === undefined) deliveries.push(delivery)
      if (id !== undefined) byId.set(id, delivery)
      delivery.attempts += 1
      return { delivery, hasNewId: known === undefined && refused !== undefined && id !== undefined }
    },
  }
}
