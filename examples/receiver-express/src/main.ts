import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createReceiver } from './create-receiver.ts'

const {
  HOST = '127.0.0.1',
  PORT = '3001',
  WEBHOOK_SECRET: secret,
  WEBHOOK_KEY: key = 'local',
  AUTOMATION_URL: automationUrl = 'http://127.0.0.1:3000',
  DATABASE: file = 'receiver.db',
} = process.env

if (!secret) {
  console.error('WEBHOOK_SECRET is not set: it must be the secret that the automation service signs with')
  process.exit(1)
}

const { app, inbox, close } = await createReceiver({ secret, key, automationUrl, file })
await inbox.start()
const server = app.listen(Number(PORT), HOST)
const stop = (): void => void server.close(() => void close())
process.once('SIGTERM', stop)
process.once('SIGINT', stop)

await once(server, 'listening')
const { port } = server.address() as AddressInfo
console.log(`listening on http://${HOST}:${port}`)
