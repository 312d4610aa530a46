import { createSender } from '@taskhook/sender'
import { answerParent } from './child.ts'
import type { QueueDrain, QueueDrainResult } from './queue-drain.ts'
import { secret } from './secret.ts'
import { untilDelivered } from './until-delivered.ts'

async function drainPostgres({
  url,
  port,
  concurrency,
  count,
}: Omit<QueueDrain, 'added'>): Promise<QueueDrainResult> {
  await using sender = await createSender({
    webHook: {
      enabled: true,
      id: 'receiver',
      endpoint: `http://127.0.0.1:${port}/automation`,
      secret,
      maxConcurrency: concurrency,
    },
    outbox: url,
  })
  const delivered = untilDelivered(count)
  const startedAt = performance.now()
  await sender.start()
  await delivered
  return { deliveriesPerSecond: (count * 1000) / (performance.now() - startedAt) }
}

answerParent((question) => drainPostgres(question as QueueDrain))
