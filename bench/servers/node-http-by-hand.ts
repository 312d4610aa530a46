import { createSecretKey } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { getRawBody } from 'raw-body'
import { checkByHand } from '../check-by-hand.ts'
import { secret } from '../secret.ts'
import { serve } from './serve.ts'

const key = createSecretKey(secret, 'utf8')

async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const length = request.headers['content-length'] ?? null
  const body = await getRawBody(request, { length, limit: 65_536 })
  checkByHand(key, body, request.headers['x-signature'])
  response.writeHead(204).end()
}

await serve(createServer((request, response) => void receive(request, response)).listen(0, '127.0.0.1'))
