import * as z from 'zod'

/** Where a task can be. `signed`, `rejected`, `canceled` and `expired` are final. */
export const taskStates = ['created', 'accepted', 'signed', 'rejected', 'canceled', 'expired'] as const
export type TaskState = (typeof taskStates)[number]

const description = z.string().min(1).max(1000)
const dueDate = z.iso.date().nullable()
const signers = z
  .array(z.strictObject({ name: z.string().min(1).max(200), email: z.email().max(320) }))
  .max(100)
const document = z.strictObject({ name: z.string().min(1).max(255), url: z.url().max(2000) }).nullable()

/** What of a task its creator decides. */
export interface TaskFields {
  description: string
  /** A calendar day, `2027-01-31`. */
  dueDate: string | null
  signers: { name: string; email: string }[]
  document: { name: string; url: string } | null
}

/** A task as the API shows it. */
export interface Task extends TaskFields {
  taskId: string
  state: TaskState
  /** 1 when created, one more with each change: tells which of two copies is the newer one. */
  version: number
  /** ISO-8601, UTC. */
  updatedAt: string
}

/** The body of `POST /api/v2/tasks`. */
export const newTaskSchema: z.ZodType<TaskFields> = z.strictObject({
  description,
  dueDate: dueDate.default(null),
  signers: signers.default([]),
  document: document.default(null),
})

/** The body of `PATCH /api/v2/tasks/:taskId`: one field, since each is an event of its own. */
export const taskPatchSchema: z.ZodType<Partial<TaskFields>> = z
  .strictObject({
    description: description.exactOptional(),
    dueDate: dueDate.exactOptional(),
    signers: signers.exactOptional(),
    document: document.exactOptional(),
  })
  .refine(
    (patch) => Object.keys(patch).length === 1,
    'must have exactly one of description, dueDate, signers and document',
  )
