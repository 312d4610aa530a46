import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { readRefusal } from '../beside.ts'
import { serve } from './serve.ts'
import { stayAwakeWhileRequested } from './stay-awake-while-requested.ts'

/** Refuses the tasks whose id says so, and takes all others. */
async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.writeHead(readRefusal(await text(request)) ?? 204).end()
}

const server = createServer((request, response) => void receive(request, response))

stayAwakeWhileRequested(server)
await serve(server.listen(0, '127.0.0.1'))
