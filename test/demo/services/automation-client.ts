import * as z from 'zod'

/** A task as the automation service shows it: what the demo needs of it, and whatever else there is. */
export interface Task {
  taskId: string
  state: string
  /** 1 when created, one more with each change. */
  version: number
  [property: string]: unknown
}

const taskSchema: z.ZodType<Task> = z.looseObject({
  taskId: z.string(),
  state: z.string(),
  version: z.int(),
})

/** Calls the API of the automation service. */
export interface AutomationClient {
  create(fields: object): Promise<Task>
  get(taskId: string): Promise<Task>
  /** Makes one change: an action's name, or the fields to write. */
  change(taskId: string, change: string | object): Promise<Task>
}

/** Makes the client of the automation service at `origin`. It throws for any answer but 2xx. */
export function createAutomationClient(origin: string, signal: AbortSignal): AutomationClient {
  async function call(method: string, path: string, body?: object): Promise<Task> {
    const response = await fetch(`${origin}/api/v2/tasks${path}`, {
      method,
      signal,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
    if (!response.ok)
      throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`)
    return taskSchema.parse(await response.json())
  }
  return {
    create: (fields) => call('POST', '', fields),
    get: (taskId) => call('GET', `/${taskId}`),
    change: (taskId, change) =>
      typeof change === 'string' ? call('POST', `/${taskId}/${change}`) : call('PATCH', `/${taskId}`, change),
  }
}
