import { createServer } from 'node:http'
import { serve } from './serve.ts'
import { stayAwakeWhileRequested } from './stay-awake-while-requested.ts'

const server = createServer((request, response) => {
  request.resume().once('end', () => response.writeHead(204).end())
})

stayAwakeWhileRequested(server)
await serve(server.listen(0, '127.0.0.1'))
