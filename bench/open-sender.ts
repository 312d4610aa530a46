import type { Ledger } from '@taskhook/outbox'
import { createSender, type Sender } from '@taskhook/sender'
import { secret } from './secret.ts'

/** The endpoint of all benches: with an id, so that every process means the same one whatever port the receiver got. */
export const endpointId = 'receiver'

/** Which outbox a sender is on, and where it delivers to. */
export interface SenderPlace {
  /** `sqlite:<file>` or `postgres://…`. */
  outbox: string
  /** Of a receiver on this machine; without one, the sender is not to be started. */
  port?: number
  maxConcurrency?: number
  /** How many more endpoints are configured, to which nothing is sent. */
  idleEndpoints?: number
}

/** A sender as a service has it: one endpoint, signatures, an outbox. It is not started. */
export function openSender({
  outbox,
  port = 1,
  maxConcurrency = 50,
  idleEndpoints = 0,
}: Omit<SenderPlace, 'outbox'> & { outbox: string | Ledger }): Promise<Sender> {
  const shared = { enabled: true, secret, maxConcurrency } as const
  const origin = `http://127.0.0.1:${port}`
  return createSender({
    webHook: [
      { ...shared, id: endpointId, endpoint: `${origin}/automation` },
      ...Array.from({ length: idleEndpoints }, (_, index) => ({
        ...shared,
        id: `idle-${index}`,
        endpoint: `${origin}/idle-${index}`,
      })),
    ],
    outbox,
  })
}
