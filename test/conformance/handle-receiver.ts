import { createServer } from 'node:http'
import { createVerifier, type RequestToHandle, type WebhookAnswer } from '@taskhook/core'
import Koa from 'koa'
import { listen, type Application, type StartReceiver } from './receiver.ts'

/** Starts an application on `node:http`, with the verifier's `handle`. */
export const startHandle: StartReceiver = (application) => {
  const answer = answerOf(application)
  return listen(
    createServer((request, response) => {
      const { headers, url = '' } = request
      void answer({ headers, url, body: request }).then(({ status, headers: given, body }) =>
        response.writeHead(status, given).end(body),
      )
    }),
  )
}

/** The same on Koa. */
export const startKoa: StartReceiver = (application) => {
  const answer = answerOf(application)
  const app = new Koa()
  app.use(async (context) => {
    const { headers, url, req: body } = context
    const given = await answer({ headers, url, body })
    context.status = given.status
    context.set(given.headers)
    context.body = given.body === '' ? null : given.body
    // Koa makes a 204 of an empty body.
    context.status = given.status
  })
  // Of a client that has gone before its answer.
  app.silent = true
  const callback = app.callback()
  return listen(createServer((request, response) => void callback(request, response)))
}

function answerOf({
  options,
  handler,
  onRefused,
}: Application): (request: RequestToHandle) => Promise<WebhookAnswer> {
  const verifier = createVerifier({ ...options, contentType: options.contentType ?? 'required' })
  return async (request) => {
    const answer = await verifier.handle(request, async (webhook) => ({ status: await handler(webhook) }), {
      onError: () => {},
    })
    if (answer.body !== '') onRefused?.((JSON.parse(answer.body) as { code?: string }).code)
    return answer
  }
}
