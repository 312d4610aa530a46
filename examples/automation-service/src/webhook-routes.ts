import type { Sender } from '@taskhook/sender'
import type { FastifyPluginAsync } from 'fastify'
import * as z from 'zod'
import { ProblemError } from './problem.ts'

/** What the operators' API works on. */
export interface WebhookRoutesOptions {
  sender: Pick<Sender, 'deliveries' | 'endpoints'>
}

interface DeliveryRoute {
  Params: { id: string }
}

const filterSchema = z.strictObject({
  taskId: z.string().exactOptional(),
  state: z.enum(['pending', 'delivered', 'exhausted', 'canceled']).exactOptional(),
  cursor: z.string().exactOptional(),
})

/** What became of the webhooks: for operators alone. */
export const webhookRoutes: FastifyPluginAsync<WebhookRoutesOptions> = async (app, { sender }) => {
  app.get('/api/v2/webhooks/endpoints', async () => ({ endpoints: await sender.endpoints.list() }))

  app.get('/api/v2/webhooks/deliveries', async ({ query }) =>
    sender.deliveries.list(filterSchema.parse(query)),
  )

  app.get<DeliveryRoute>('/api/v2/webhooks/deliveries/:id', async ({ params: { id } }) => {
    const delivery = await sender.deliveries.get(id)
    if (delivery === undefined) throw notFound(id)
    return delivery
  })

  app.post<DeliveryRoute>('/api/v2/webhooks/deliveries/:id/resend', async ({ params: { id } }, reply) => {
    if (!(await sender.deliveries.resend(id))) throw notFound(id)
    return reply.code(202).send()
  })
}

function notFound(id: string): ProblemError {
  return new ProblemError(404, `there is no delivery ${id}`)
}
