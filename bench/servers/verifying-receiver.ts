import { verifyWebhook } from '@taskhook/fastify'
import { fastify } from 'fastify'
import { secret } from '../secret.ts'
import { serve } from './serve.ts'
import { stayAwakeWhileRequested } from './stay-awake-while-requested.ts'

const app = fastify()

app.register(verifyWebhook, { secret })
app.register(async (scope) => {
  scope.post('/automation', async (_request, reply) => reply.code(204).send())
})

await app.listen({ port: 0, host: '127.0.0.1' })
stayAwakeWhileRequested(app.server)
await serve(app.server)
