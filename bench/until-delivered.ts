import { subscribe, unsubscribe } from 'node:diagnostics_channel'

const channel = 'taskhook.outbox.attempted'

/** Resolves once so many deliveries were made in this process and it is written down that they were; one that fails rejects. */
export function untilDelivered(count: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let deliveries = 0
    const onAttempted = (message: unknown): void => {
      const { report } = message as { report: { outcome: string; status?: number; errorCode?: string } }
      if (report.outcome === 'delivered') deliveries += 1
      else reject(new Error(`not delivered: ${report.status ?? report.errorCode}`))
      if (deliveries < count) return
      unsubscribe(channel, onAttempted)
      resolve()
    }
    subscribe(channel, onAttempted)
  })
}
