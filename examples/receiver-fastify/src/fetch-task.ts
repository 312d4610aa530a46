import * as z from 'zod'

/** A task as the automation service shows it: what is needed of it here, and whatever else there is. */
export interface Task {
  taskId: string
  state: string
  /** One more with each change. */
  version: number
  [property: string]: unknown
}

const taskSchema: z.ZodType<Task> = z.looseObject({
  taskId: z.string(),
  state: z.string(),
  version: z.int(),
})

/** Fetches the full task. When that fails it throws, and the inbox calls the handler again later. */
export async function fetchTask(automationUrl: string, taskId: string, signal: AbortSignal): Promise<Task> {
  const url = new URL(`/api/v2/tasks/${encodeURIComponent(taskId)}`, automationUrl)
  const response = await fetch(url, { signal })
  if (!response.ok) throw new Error(`${url.href} answered ${response.status}`)
  return taskSchema.parse(await response.json())
}
