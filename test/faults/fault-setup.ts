import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { readAcceptedLog, type AcceptedEvent } from './accepted-log.ts'
import { startChild, type Child } from './child.ts'
import type { ReceivedRequest } from './received-request.ts'
import type { ReceiverOptions } from './receiver-process.ts'
import type { SenderProcessOptions } from './sender-process.ts'

/** A receiver process, and a SQLite file for sender processes. */
export interface FaultSetup extends AsyncDisposable {
  outbox: string
  /** Starts a sender process to two endpoints of the receiver. */
  startSender(options: Pick<SenderProcessOptions, 'leaseInMs' | 'name' | 'tasks'>): Child
  accepted(): AcceptedEvent[]
  /** What the receiver has got so far. */
  requests(): Promise<ReceivedRequest[]>
}

/** How many attempts a sender process may have under way at one endpoint. */
export const maxConcurrency = 10

/** Starts a receiver process; when the set-up is disposed, everything it started and made is gone. */
export async function createFaultSetup(receiverOptions: ReceiverOptions): Promise<FaultSetup> {
  await using cleanUp = new AsyncDisposableStack()
  const folder = await mkdtemp(path.join(tmpdir(), 'taskhook-faults-'))
  cleanUp.defer(() => rm(folder, { recursive: true }))
  const outbox = path.join(folder, 'outbox.db')
  const log = path.join(folder, 'accepted.log')
  const receiver = cleanUp.use(startChild('receiver-process.ts', receiverOptions))
  const { port } = await receiver.message<{ port: number }>('listening')
  const endpoints = [`http://127.0.0.1:${port}/first`, `http://127.0.0.1:${port}/second`]
  const owned = cleanUp.move()

  return {
    outbox,
    startSender: (options) =>
      owned.use(startChild('sender-process.ts', { outbox, log, endpoints, maxConcurrency, ...options })),
    accepted: () => readAcceptedLog(log),
    async requests() {
      receiver.tell({ kind: 'report' })
      return (await receiver.message<{ requests: ReceivedRequest[] }>('requests')).requests
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
