import { checkGivenOptions, checkOptions, OptionError } from '@taskhook/core'
import type { Dispatcher } from '../dispatch/dispatcher.ts'
import type { Ledger } from '../ledger.ts'
import type { EndpointListOptions, OutboxEndpoints, OutcomesOptions } from './operators.ts'
import { summarizeEndpoint, summarizeOutcomes } from './summaries.ts'

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
    if (typeof id !== 'string') throw new OptionError('id', 'must be the id of an endpoint')
    const records = await operate.listEndpoints(configuredIds(), { countLimit: 1 })
    if (!records.some((record) => record.id === id)) return false
    await operation()
    await dispatcher.refresh()
    return true
  }

  return {
    async list(options = {}) {
      checkOptions<EndpointListOptions>(options, { countLimit: true })
      const { countLimit } = options
      if (countLimit !== undefined && !(Number.isSafeInteger(countLimit) && countLimit >= 1)) {
        throw new OptionError('countLimit', 'must be a whole number, 1 or more')
      }
      const ids = configuredIds()
      const records = await operate.listEndpoints(ids, { countLimit })
      return records.map((record) => summarizeEndpoint(record, ids.includes(record.id)))
    },
    async outcomes(options) {
      checkGivenOptions<OutcomesOptions>(options, { since: true })
      const { since } = options
      if (!(since instanceof Date) || Number.isNaN(since.getTime())) {
        throw new OptionError('since', 'must be a valid Date')
      }
      const records = await operate.listOutcomes(since.getTime())
      return records.map((record) => summarizeOutcomes(record))
    },
    pause: (id) => change(id, () => operate.pauseEndpoint(id)),
    resume: (id) => change(id, () => operate.resumeEndpoint(id)),
  }
}
