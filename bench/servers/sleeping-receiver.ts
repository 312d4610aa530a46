import { createServer } from 'node:http'
import { serve } from './serve.ts'

// It sleeps when it has nothing to do, unlike the other one: there is a database beside it that needs the processor.
await serve(
  createServer((request, response) => {
    request.resume().once('end', () => response.writeHead(204).end())
  }).listen(0, '127.0.0.1'),
)
