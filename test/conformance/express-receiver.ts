import { createServer } from 'node:http'
import { verifyWebhook } from '@taskhook/express'
import type { ErrorRequestHandler, Express, RequestHandler } from 'express'
import { listen, type Application, type StartReceiver } from './receiver.ts'

/** Starts an application on one version of Express, with an error middleware of its own. */
export function startExpress(express: () => Express): StartReceiver {
  return async ({ options, handler, onRefused }: Application) => {
    const handle: RequestHandler = (request, response, next) => {
      // Express 4 takes no notice of a promise, so a rejection is passed on by hand.
      Promise.resolve(handler(request.webhook)).then((status) => response.status(status).end(), next)
    }
    const answerError: ErrorRequestHandler = (error, _request, response, _next) => {
      onRefused?.(error.code)
      response.status(error.status ?? 500).set(error.headers ?? {})
      response.json({ code: error.code })
    }
    const app = express()
    app.all('/automation', verifyWebhook(options), handle)
    app.use(answerError)
    return listen(createServer(app))
  }
}
