import { createSecretKey } from 'node:crypto'
import { taskEventSchema } from '@taskhook/core'
import { fastify } from 'fastify'
import { checkByHand } from '../check-by-hand.ts'
import { secret } from '../secret.ts'
import { serve } from './serve.ts'

const key = createSecretKey(secret, 'utf8')
const app = fastify({ bodyLimit: 65_536 })

app.removeContentTypeParser('application/json')
app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
  done(null, body),
)
// In a hook, which is how to write it for more than one route.
app.addHook('preValidation', async (request) => {
  taskEventSchema.parse(checkByHand(key, request.body as Buffer, request.headers['x-signature']))
})
app.post('/automation', async (_request, reply) => reply.code(204).send())

await app.listen({ port: 0, host: '127.0.0.1' })
await serve(app.server)
