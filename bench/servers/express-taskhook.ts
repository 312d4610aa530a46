import { verifyWebhook } from '@taskhook/express'
import express from 'express'
import { secret } from '../secret.ts'
import { serve } from './serve.ts'

const app = express()

app.post('/automation', verifyWebhook({ secret }), (_request, response) => {
  response.status(204).end()
})

await serve(app.listen(0, '127.0.0.1'))
