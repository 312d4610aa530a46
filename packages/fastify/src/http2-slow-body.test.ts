import { once } from 'node:events'
import { connect } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { fastify } from 'fastify'
import { expect, test } from 'vitest'
import { answerEvent, secret, signed } from './test-application.ts'
import { verifyWebhook } from './verify-webhook.ts'

test('a slow body is answered 408 over HTTP/2 too, which has no connection header', async () => {
  await using app = fastify({ http2: true, forceCloseConnections: true })
  app.register(async (scope) => {
    scope.register(verifyWebhook, { secret, bodyTimeoutInMs: 50 })
    scope.post('/automation', answerEvent)
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  // Fastify waits for its end when it closes.
  using connection = {
    session: connect(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}`),
    [Symbol.dispose]() {
      this.session.destroy()
    },
  }
  const { url, headers } = signed()
  const stream = connection.session.request({ ':method': 'POST', ':path': url, ...headers })
  stream.setEncoding('utf8').write('{"taskId":')

  const [answered] = (await once(stream, 'response')) as [{ ':status': number; connection?: string }]
  expect(answered).toMatchObject({ ':status': 408 })
  expect(answered).not.toHaveProperty('connection')
  const [text] = (await once(stream, 'data')) as [string]
  expect(JSON.parse(text)).toMatchObject({ statusCode: 408, code: 'body_timeout' })
})
