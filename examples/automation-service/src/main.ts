import { createApp } from './create-app.ts'
import { loadSettings } from './load-settings.ts'
import { loadSubscriptions } from './load-subscriptions.ts'
import { createPublisher } from './publisher.ts'
import { openTaskStore } from './task-store.ts'

const configFile = process.argv[2] ?? 'config.json'
const { host, port, database } = await loadSettings(configFile)
const publisher = createPublisher(await loadSubscriptions(configFile), (line) => console.log(line))
const tasks = openTaskStore(database)
const app = createApp({ tasks, publisher })

async function stop(): Promise<void> {
  // A receiver fetches the task before it answers, so the API must not close while a delivery is under way.
  await publisher.settle()
  await app.close()
  await publisher.close()
  tasks.close()
}
process.once('SIGTERM', () => void stop())
process.once('SIGINT', () => void stop())

console.log(`listening on ${await app.listen({ host, port })}`)
