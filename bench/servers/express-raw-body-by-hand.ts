import { createSecretKey } from 'node:crypto'
import express from 'express'
import { getRawBody } from 'raw-body'
import { checkByHand } from '../check-by-hand.ts'
import { secret } from '../secret.ts'
import { serve } from './serve.ts'

const key = createSecretKey(secret, 'utf8')
const app = express()

app.post('/automation', async (request, response) => {
  const length = request.headers['content-length'] ?? null
  const body = await getRawBody(request, { length, limit: 65_536 })
  checkByHand(key, body, request.headers['x-signature'])
  response.status(204).end()
})

await serve(app.listen(0, '127.0.0.1'))
