import { OptionError } from '@taskhook/core'
import type { Ledger } from '@taskhook/outbox'
import { toEndpointStatus } from './delivery-views.ts'
import type { SenderEndpoints } from './sender.ts'

/** What {@link createSenderEndpoints} needs. */
export interface SenderEndpointsOptions {
  ledger: Ledger
  /** The configured endpoints. */
  ids: readonly string[]
  /** Milliseconds since 1970. */
  now: () => number
  /** Tells the dispatcher that endpoints were paused or resumed. */
  refresh: () => Promise<void>
}

/** The operators' view of a ledger's endpoints. */
export function createSenderEndpoints({
  ledger,
  ids,
  now,
  refresh,
}: SenderEndpointsOptions): SenderEndpoints {
  async function known(id: string): Promise<string> {
    const records = await ledger.listEndpoints(ids)
    if (records.some((record) => record.id === id)) return id
    throw new OptionError('id', 'must be the id of an endpoint, as endpoints.list() shows them')
  }

  return {
    async list() {
      const records = await ledger.listEndpoints(ids)
      return records.map((record) =>
        toEndpointStatus(record, { isConfigured: ids.includes(record.id), now: now() }),
      )
    },
    async pause(id) {
      await ledger.pauseEndpoint(await known(id), 'operator', now())
      await refresh()
    },
    async resume(id) {
      await ledger.resumeEndpoint(await known(id), now())
      await refresh()
    },
  }
}
