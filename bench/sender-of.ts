import { createSender, type Sender } from '@taskhook/sender'
import { secret } from './secret.ts'

/** Which outbox a sender is on, and where it delivers to. */
export interface SenderPlace {
  file: string
  /** Of a receiver on this machine; without one, the sender is not to be started. */
  port?: number
  maxConcurrency?: number
}

/** A sender as a service has it: one endpoint, signatures, an outbox in a file. It is not started. */
export function senderOf({ file, port = 1, maxConcurrency = 50 }: SenderPlace): Promise<Sender> {
  return createSender({
    // With an id, so that every process means the same endpoint whatever port the receiver got.
    webHook: {
      enabled: true,
      id: 'receiver',
      endpoint: `http://127.0.0.1:${port}/automation`,
      secret,
      maxConcurrency,
    },
    outbox: `sqlite:${file}`,
  })
}
