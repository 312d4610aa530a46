import * as z from 'zod'
import type { ExampleProcess } from './example-process.ts'

/** An attempt, as the automation service logs it. */
export interface LoggedAttempt {
  /** The delivery's. */
  id: string
  endpointId: string
  taskId: string
  eventType: string
  outcome: string
  status?: number
  errorCode?: string
}

const attemptSchema: z.ZodType<LoggedAttempt> = z.object({
  id: z.string(),
  endpointId: z.string(),
  taskId: z.string(),
  eventType: z.string(),
  outcome: z.string(),
  status: z.int().exactOptional(),
  errorCode: z.string().exactOptional(),
})

function parse(line: string): LoggedAttempt | undefined {
  return attemptSchema.safeParse(JSON.parse(line)).data
}

/** Waits for an attempt of the automation service, made already or yet to come. */
export async function waitForAttempt(
  automation: ExampleProcess,
  what: string,
  isIt: (attempt: LoggedAttempt) => boolean,
): Promise<LoggedAttempt & { arrivedAt: number }> {
  const { text, arrivedAt } = await automation.waitForLine(`about ${what}`, (line) => {
    const attempt = parse(line)
    return attempt !== undefined && isIt(attempt)
  })
  return { ...(parse(text) as LoggedAttempt), arrivedAt }
}
