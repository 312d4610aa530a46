import { isDeepStrictEqual } from 'node:util'
import { createAutomationClient } from '../services/automation-client.ts'
import type { Services } from '../services/start-services.ts'
import type { Finding } from '../print/promise.ts'

/** Counts the tasks that each receiver has exactly as the automation service has them: all of them, it should be. */
export async function compareTasks(
  { automation, receivers, signal }: Services,
  taskIds: readonly string[],
): Promise<Finding[]> {
  const client = createAutomationClient(automation.url, signal)
  const tasks = await Promise.all(taskIds.map((taskId) => client.get(taskId)))

  return Promise.all(
    receivers.map(async ({ name, url }) => {
      const equal = await countEqual(url, tasks, signal)
      return {
        promise: 'arrival' as const,
        passed: equal === tasks.length,
        text: `${equal} of ${tasks.length} tasks are the same at ${name} as in the automation service`,
      }
    }),
  )
}

const patienceInMs = 2000

/** How many of the tasks a receiver has. The last handler says that it ran a moment before what it has written is committed. */
async function countEqual(url: string, tasks: readonly unknown[], signal: AbortSignal): Promise<number> {
  const startedAt = performance.now()
  for (;;) {
    const response = await fetch(`${url}/tasks`, { signal })
    const gathered = (await response.json()) as unknown[]
    const equal = tasks.filter((task) => gathered.some((one) => isDeepStrictEqual(one, task))).length
    if (equal === tasks.length || performance.now() - startedAt > patienceInMs) return equal
  }
}
