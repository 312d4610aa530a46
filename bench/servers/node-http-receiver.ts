import { createServer } from 'node:http'
import { stayAwake } from '../stay-awake.ts'
import { serve } from './serve.ts'

await serve(
  createServer((request, response) => {
    request.resume().once('end', () => response.writeHead(204).end())
  }).listen(0, '127.0.0.1'),
)
stayAwake(() => false)
