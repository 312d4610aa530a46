// Run by Jest with --experimental-vm-modules, which is how Jest takes ES modules.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { WebhookError } from '@taskhook/core'
import { signedRequest } from '@taskhook/core/testing'
import { answerProblems, verifyWebhook } from '@taskhook/express'
import express from 'express'

const secret = 'a secret of this test'

test('a receiver is tested with Jest', async () => {
  const refused = []
  const app = express()
  app.post('/automation', verifyWebhook({ secret }), (request, response) => {
    response.json(request.webhook.event)
  })
  app.use(answerProblems({ onRefused: (error) => refused.push(error) }))
  const server = createServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const post = ({ url, ...request }) => {
    const headers = { ...request.headers, connection: 'close' }
    return fetch(new URL(url, `http://127.0.0.1:${server.address().port}`), { ...request, headers })
  }

  const answer = await post(signedRequest({ secret, taskId: '1', eventType: 'OrderSigned' }))
  expect(await answer.json()).toMatchObject({ taskId: '1', eventType: 'OrderSigned' })
  expect((await post(signedRequest({ secret: 'another secret' }))).status).toBe(401)
  // What is checked by its class and its bytes works across the realm of a test.
  expect(WebhookError.isInstance(refused[0])).toBe(true)
  server.close()
  await once(server, 'close')
})
