import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { webhookHandler } from '@taskhook/web'
import { Hono } from 'hono'
import { requestListener } from './request-listener.ts'
import { listen, type Application, type StartReceiver } from './receiver.ts'

/** Starts an application on Hono, by way of its server for Node.js. */
export function startHono({ overrideGlobalObjects }: { overrideGlobalObjects: boolean }): StartReceiver {
  return (application) => {
    const handle = fetchHandler(application)
    const app = new Hono({ strict: false })
    app.all('/automation', (context) => handle(context.req.raw))
    const listener = getRequestListener(app.fetch, { overrideGlobalObjects })
    return listen(createServer((request, response) => void listener(request, response)))
  }
}

/** Starts an application on `node:http` and nothing else. */
export const startNode: StartReceiver = (application) =>
  listen(createServer(requestListener(fetchHandler(application))))

function fetchHandler({ options, handler, onRefused }: Application): (request: Request) => Promise<Response> {
  const handle = webhookHandler({ ...options, onError: () => {} }, (webhook) =>
    Promise.resolve(handler(webhook)).then((status) => new Response(null, { status })),
  )
  return async (request) => {
    const response = await handle(request)
    if (response.status >= 400 && response.body !== null) {
      const problem = (await response.clone().json()) as { code?: string }
      onRefused?.(problem.code)
    }
    return response
  }
}
