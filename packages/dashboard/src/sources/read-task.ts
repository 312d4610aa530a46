import type { DeliveryDetails, DeliverySummary } from '@taskhook/outbox/tasks'
import type { Source } from './source.ts'

/** A delivery, and which outbox it is in. */
export interface PlacedDetails {
  source: Source
  delivery: DeliveryDetails
}

/** One event of a task at all its endpoints. */
export interface TaskRow {
  eventType: string
  acceptedAt: Date
  /** By {@link TaskColumn.key}. */
  cells: Map<string, PlacedDetails[]>
}

/** One endpoint of one outbox. */
interface TaskColumn {
  key: string
  name: string
}

/** Everything that became of one task. */
export interface Task {
  rows: TaskRow[]
  columns: TaskColumn[]
  /** Whether there is more than was read. */
  isCut: boolean
}

const mostDeliveries = 100

/** Reads the latest deliveries of a task with their attempts, the first accepted event first. */
export async function readTask(sources: readonly Source[], taskId: string): Promise<Task> {
  const task: Task = { rows: [], columns: [], isCut: false }
  if (taskId === '') return task
  const rows = new Map<string, TaskRow>()
  for (const source of sources) {
    const { deliveries, nextCursor } = await source.deliveries.list({ taskId, limit: mostDeliveries })
    task.isCut ||= nextCursor !== undefined
    for (const delivery of await readDetails(source, deliveries.toReversed())) {
      const { endpointId, eventType, acceptedAt } = delivery
      const column = `${source.name}\0${endpointId}`
      if (!task.columns.some(({ key }) => key === column)) {
        task.columns.push({
          key: column,
          name: sources.length > 1 ? `${source.name}: ${endpointId}` : endpointId,
        })
      }
      // One send() accepts an event for all endpoints at one time.
      const key = `${source.name}\0${eventType}\0${acceptedAt.getTime()}`
      const row = rows.get(key) ?? { eventType, acceptedAt, cells: new Map<string, PlacedDetails[]>() }
      rows.set(key, row)
      row.cells.set(column, [...(row.cells.get(column) ?? []), { source, delivery }])
    }
  }
  task.rows = [...rows.values()].toSorted((a, b) => a.acceptedAt.getTime() - b.acceptedAt.getTime())
  return task
}

async function readDetails(
  source: Source,
  summaries: readonly DeliverySummary[],
): Promise<DeliveryDetails[]> {
  const details = await Promise.all(summaries.map(({ id }) => source.deliveries.get(id)))
  // One of them may have been deleted meanwhile.
  return details.filter((one) => one !== undefined)
}
