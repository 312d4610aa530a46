import type { DeliveryFilter } from '@taskhook/outbox/tasks'
import type { Source } from '../sources/source.ts'

/** How a change of many deliveries goes, and what ends it early. */
interface CancelAllOptions {
  signal: AbortSignal
  onProgress: (progress: { changed: number; total: number }) => void
}

const pageSize = 1000

/** Cancels all that match, the latest first: a task's next delivery must not be attempted since the one before it was canceled. */
export async function cancelAll(
  { deliveries }: Source,
  filter: DeliveryFilter,
  { signal, onProgress }: CancelAllOptions,
): Promise<void> {
  const ids = await listIds({ deliveries }, filter, signal)
  let changed = 0
  onProgress({ changed, total: ids.length })
  for (const id of ids) {
    if (signal.aborted) return
    if (await deliveries.cancel(id)) changed += 1
    onProgress({ changed, total: ids.length })
  }
}

async function listIds(
  { deliveries }: Pick<Source, 'deliveries'>,
  filter: DeliveryFilter,
  signal: AbortSignal,
): Promise<string[]> {
  const ids: string[] = []
  let cursor: string | undefined
  do {
    const page = await deliveries.list({ ...filter, limit: pageSize, cursor })
    for (const { id } of page.deliveries) ids.push(id)
    cursor = page.nextCursor
  } while (cursor !== undefined && !signal.aborted)
  return ids
}
