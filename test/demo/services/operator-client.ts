import * as z from 'zod'

/** What the automation service tells operators of a delivery. */
export interface Delivery {
  id: string
  endpointId: string
  taskId: string
  eventType: string
  state: string
  attemptCount: number
  nextAttemptAt?: Date
}

/** One of a delivery's attempts. */
export interface Attempt {
  number: number
  startedAt: Date
  durationInMs: number
  outcome: string
  status?: number
  errorCode?: string
  nextAttemptAt?: Date
}

/** A delivery with its attempts. */
interface DeliveryDetails extends Delivery {
  attempts: Attempt[]
}

/** What it tells of an endpoint. */
export interface Endpoint {
  id: string
  pending: number
  oldestPendingAgeInMs?: number
  circuit: { state: string }
}

const deliverySchema = z.object({
  id: z.string(),
  endpointId: z.string(),
  taskId: z.string(),
  eventType: z.string(),
  state: z.string(),
  attemptCount: z.int(),
  nextAttemptAt: z.coerce.date().exactOptional(),
})

const listSchema: z.ZodType<{ deliveries: Delivery[] }> = z.object({ deliveries: z.array(deliverySchema) })

const detailsSchema: z.ZodType<DeliveryDetails> = deliverySchema.extend({
  attempts: z.array(
    z.object({
      number: z.int(),
      startedAt: z.coerce.date(),
      durationInMs: z.number(),
      outcome: z.string(),
      status: z.int().exactOptional(),
      errorCode: z.string().exactOptional(),
      nextAttemptAt: z.coerce.date().exactOptional(),
    }),
  ),
})

const endpointsSchema: z.ZodType<{ endpoints: Endpoint[] }> = z.object({
  endpoints: z.array(
    z.object({
      id: z.string(),
      pending: z.int(),
      oldestPendingAgeInMs: z.number().exactOptional(),
      circuit: z.object({ state: z.string() }),
    }),
  ),
})

/** Calls the operators' API of the automation service. */
export interface OperatorClient {
  /** The deliveries of a task to all endpoints. */
  deliveriesOf(taskId: string): Promise<Delivery[]>
  delivery(id: string): Promise<DeliveryDetails>
  endpoints(): Promise<Endpoint[]>
}

/** Makes the client of the operators' API at `origin`. It throws for any answer but 2xx. */
export function createOperatorClient(origin: string, signal: AbortSignal): OperatorClient {
  async function get<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    const response = await fetch(`${origin}/api/v2/webhooks${path}`, { signal })
    if (!response.ok) throw new Error(`GET ${path} answered ${response.status}: ${await response.text()}`)
    return schema.parse(await response.json())
  }
  return {
    deliveriesOf: async (taskId) => (await get(`/deliveries?taskId=${taskId}`, listSchema)).deliveries,
    delivery: (id) => get(`/deliveries/${id}`, detailsSchema),
    endpoints: async () => (await get('/endpoints', endpointsSchema)).endpoints,
  }
}
