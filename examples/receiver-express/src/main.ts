import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createApp } from './create-app.ts'

const {
  HOST = '127.0.0.1',
  PORT = '3001',
  WEBHOOK_SECRET: secret,
  WEBHOOK_KEY: key = 'local',
  AUTOMATION_URL: automationUrl = 'http://127.0.0.1:3000',
} = process.env

if (!secret) {
  console.error('WEBHOOK_SECRET is not set: it must be the secret that the automation service signs with')
  process.exit(1)
}

const server = createApp({ secret, key, automationUrl }).listen(Number(PORT), HOST)
process.once('SIGTERM', () => server.close())
process.once('SIGINT', () => server.close())

await once(server, 'listening')
const { port } = server.address() as AddressInfo
console.log(`listening on http://${HOST}:${port}`)
