import { Logger, makeWorkerUtils, run } from 'graphile-worker'
import { answerParent } from './child.ts'
import { settleDown } from './settle-down.ts'
import {
  createDeliver,
  createBatches,
  type Job,
  type QueueDrain,
  type QueueDrainResult,
} from './queue-drain.ts'

const logger = new Logger(() => () => {})

/** With a named queue for each task, whose jobs run one after another; and with everything on that makes it fast. */
async function drainGraphileWorker({
  url,
  port,
  concurrency,
  added,
  count,
}: QueueDrain): Promise<QueueDrainResult> {
  const utils = await makeWorkerUtils({ connectionString: url, logger })
  await utils.migrate()
  for (const jobs of createBatches(added)) {
    await utils.addJobs(
      jobs.map((payload) => ({ identifier: 'deliver', payload, queueName: payload.taskId })),
    )
  }
  await utils.release()
  if (added > 0) await settleDown(url)

  await using endpoint = await createDeliver({ port, concurrency })
  const finished = Promise.withResolvers<void>()
  let done = 0
  const startedAt = performance.now()
  const runner = await run({
    taskList: { deliver: (payload) => endpoint.deliver(payload as Job) },
    crontab: '',
    noHandleSignals: true,
    preset: {
      worker: {
        connectionString: url,
        concurrentJobs: concurrency,
        maxPoolSize: concurrency + 2,
        localQueue: { size: 2 * concurrency },
        completeJobBatchDelay: 0,
        failJobBatchDelay: 0,
        pollInterval: 10,
        logger,
      },
    },
  })
  runner.events.on('job:complete', () => {
    done += 1
    if (done >= count) finished.resolve()
  })
  await finished.promise
  const deliveriesPerSecond = (done * 1000) / (performance.now() - startedAt)
  await runner.stop()
  return { deliveriesPerSecond }
}

answerParent((question) => drainGraphileWorker(question as QueueDrain))
