import { createSecretKey } from 'node:crypto'
import express from 'express'
import { checkByHand } from '../check-by-hand.ts'
import { secret } from '../secret.ts'
import { serve } from './serve.ts'

const key = createSecretKey(secret, 'utf8')
const app = express()

app.post('/automation', express.raw({ type: 'application/json', limit: 65_536 }), (request, response) => {
  checkByHand(key, request.body as Buffer, request.headers['x-signature'])
  response.status(204).end()
})

await serve(app.listen(0, '127.0.0.1'))
