import { PgBoss } from 'pg-boss'
import { answerParent } from './child.ts'
import { settleDown } from './settle-down.ts'
import {
  createDeliver,
  createBatches,
  type Job,
  type QueueDrain,
  type QueueDrainResult,
} from './queue-drain.ts'

// As many fetches are under way side by side; each takes its part of what may be in flight.
const loopCount = 2
const queue = 'deliveries'

/** With the policy that keeps the jobs of one key in order: a job is fetched when those of its key before it are completed. */
async function drainPgBoss({ url, port, concurrency, added, count }: QueueDrain): Promise<QueueDrainResult> {
  const boss = new PgBoss({ connectionString: url, schedule: false })
  boss.on('error', (error) => {
    throw error
  })
  await boss.start()
  await boss.createQueue(queue, { policy: 'key_strict_fifo' })
  for (const jobs of createBatches(added)) {
    await boss.insert(
      queue,
      jobs.map((data) => ({ data, singletonKey: data.taskId })),
    )
  }
  if (added > 0) await settleDown(url)

  await using endpoint = await createDeliver({ port, concurrency })
  let done = 0
  const work = async (): Promise<void> => {
    while (done < count) {
      const jobs = await boss.fetch<Job>(queue, { batchSize: concurrency / loopCount })
      await Promise.all(jobs.map(({ data }) => endpoint.deliver(data)))
      if (jobs.length > 0) {
        await boss.complete(
          queue,
          jobs.map(({ id }) => id),
        )
      }
      done += jobs.length
    }
  }
  const startedAt = performance.now()
  await Promise.all(Array.from({ length: loopCount }, work))
  const deliveriesPerSecond = (done * 1000) / (performance.now() - startedAt)
  await boss.stop({ graceful: false })
  return { deliveriesPerSecond }
}

answerParent((question) => drainPgBoss(question as QueueDrain))
