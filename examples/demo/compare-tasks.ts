import { isDeepStrictEqual } from 'node:util'
import { createAutomationClient } from './automation-client.ts'
import type { ReceiverName, Services } from './start-services.ts'

/** How many tasks a receiver has exactly as the automation service has them. */
export interface TaskComparison {
  receiver: ReceiverName
  equal: number
  total: number
  /** Whether they are equal all, and the receiver has no others. */
  passed: boolean
}

/** Compares what the receivers have gathered with the automation service's tasks. */
export async function compareTasks(
  { automation, receivers, signal }: Services,
  taskIds: readonly string[],
): Promise<TaskComparison[]> {
  const client = createAutomationClient(automation.url, signal)
  const tasks = await Promise.all(taskIds.map((taskId) => client.get(taskId)))

  return Promise.all(
    receivers.map(async ({ name, url }) => {
      const response = await fetch(`${url}/tasks`, { signal })
      const gathered = (await response.json()) as unknown[]
      const equal = tasks.filter((task) => gathered.some((one) => isDeepStrictEqual(one, task))).length
      const passed = equal === tasks.length && gathered.length === tasks.length
      return { receiver: name, equal, total: tasks.length, passed }
    }),
  )
}
