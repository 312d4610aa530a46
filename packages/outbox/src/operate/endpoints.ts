import type { Dispatcher } from '../dispatch/dispatcher.ts'
import type { Ledger } from '../ledger.ts'
import type { OutboxEndpoints } from './operators.ts'
import { summarizeEndpoint } from './summaries.ts'

/** What {@link createEndpoints} needs. */
export interface EndpointsOptions {
  ledger: Pick<Ledger, 'operate'>
  dispatcher: Pick<Dispatcher, 'refresh'>
  /** The endpoints that this outbox was given. */
  configuredIds: () => readonly string[]
}

/** The operators' view of a ledger's endpoints. */
export function createEndpoints({
  ledger: { operate },
  dispatcher,
  configuredIds,
}: EndpointsOptions): OutboxEndpoints {
  async function change(id: string, operation: () => Promise<void>): Promise<boolean> {
    const records = await operate.listEndpoints(configuredIds())
    if (!records.some((record) => record.id === id)) return false
    await operation()
    await dispatcher.refresh()
    return true
  }

  return {
    async list() {
      const ids = configuredIds()
      const records = await operate.listEndpoints(ids)
      return records.map((record) => summarizeEndpoint(record, ids.includes(record.id)))
    },
    pause: (id) => change(id, () => operate.pauseEndpoint(id)),
    resume: (id) => change(id, () => operate.resumeEndpoint(id)),
  }
}
