import { createReceiver } from './create-receiver.ts'

const {
  HOST = '127.0.0.1',
  PORT = '3002',
  WEBHOOK_SECRET: secret,
  WEBHOOK_KEY: key = 'local',
  AUTOMATION_URL: automationUrl = 'http://127.0.0.1:3000',
  DATABASE: file = 'receiver.db',
} = process.env

if (!secret) {
  console.error('WEBHOOK_SECRET is not set: it must be the secret that the automation service signs with')
  process.exit(1)
}

const { app, inbox } = await createReceiver({ secret, key, automationUrl, file })
await inbox.start()
process.once('SIGTERM', () => void app.close())
process.once('SIGINT', () => void app.close())

console.log(`listening on ${await app.listen({ host: HOST, port: Number(PORT) })}`)
