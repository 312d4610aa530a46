import { randomUUID } from 'node:crypto'

const prefix = 'beside-'
const refusal = /"beside-refused-(\d{3})-/

/** An id of a task that is there beside those that are measured. */
export function createBesideId(what: string): string {
  return `${prefix}${what}-${randomUUID()}`
}

/** Whether a task is there beside those that are measured. */
export function isBeside(taskId: string): boolean {
  return taskId.startsWith(prefix)
}

/** An id of a task that the receiver of `servers/refusing-receiver.ts` refuses with this status. */
export function createRefusedId(status: number): string {
  return createBesideId(`refused-${status}`)
}

/** The status that the task of an event is refused with, if it is. */
export function readRefusal(body: string): number | undefined {
  const status = refusal.exec(body)?.[1]
  return status === undefined ? undefined : Number(status)
}
