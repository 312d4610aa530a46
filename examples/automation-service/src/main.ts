import { createSender, loadConfig } from '@taskhook/sender'
import Fastify from 'fastify'
import { loadSettings } from './load-settings.ts'
import { answerProblem } from './problem.ts'
import { taskRoutes } from './task-routes.ts'
import { openTaskStore } from './task-store.ts'
import { webhookRoutes } from './webhook-routes.ts'

const configFile = process.argv[2] ?? 'config.json'
const { host, port, database, leaseInMs, logLevel } = await loadSettings(configFile)

const app = Fastify({ logger: { level: logLevel } })
const sender = await createSender({
  webHook: await loadConfig(configFile),
  outbox: database,
  leaseInMs,
  logger: app.log,
})
const tasks = await openTaskStore(database)
app.setErrorHandler(answerProblem)
await app.register(taskRoutes, { tasks, sender })
await app.register(webhookRoutes, { sender })

async function stop(): Promise<void> {
  // A receiver fetches the task before it answers, so the API must not close while a delivery is under way.
  await sender.stop()
  await app.close()
  await tasks.close()
}
process.once('SIGTERM', () => void stop())
process.once('SIGINT', () => void stop())

async function reload(): Promise<void> {
  try {
    const { changed } = await sender.reload(await loadConfig(configFile))
    app.log.info({ changed }, 'the webHook section was read again')
  } catch (error) {
    app.log.error({ err: error }, 'the webHook section was not read again, and the former one stays')
  }
}
process.on('SIGHUP', () => void reload())

await app.listen({ host, port, listenTextResolver: (address) => `listening on ${address}` })
await sender.start()
