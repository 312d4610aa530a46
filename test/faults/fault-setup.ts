import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { readAcceptedLog, type AcceptedEvent } from './accepted-log.ts'
import { startChild, type Child } from './child.ts'
import type { OutboxStore } from './outbox-store.ts'
import type { ReceivedRequest } from './received-request.ts'
import type { ReceiverOptions } from './receiver-process.ts'
import type { SenderProcessOptions } from './sender-process.ts'

/** A receiver process, and an outbox for sender processes. */
export interface FaultSetup<Store extends OutboxStore = OutboxStore> extends AsyncDisposable {
  store: Store
  /** Starts a sender process to two endpoints of the receiver. */
  startSender(options: Pick<SenderProcessOptions, 'leaseInMs' | 'name' | 'tasks'>): Child
  accepted(): AcceptedEvent[]
  /** The codes of the errors that sender processes got and went on from. */
  refusals(): string[]
  /** What the receiver has got so far. */
  requests(): Promise<ReceivedRequest[]>
}

/** How many attempts a sender process may have under way at one endpoint. */
export const maxConcurrency = 10

/** Starts a receiver process; when the set-up is disposed, everything it started and made is gone. */
export async function createFaultSetup<Store extends OutboxStore>(
  createStore: () => Promise<Store>,
  receiverOptions: ReceiverOptions,
): Promise<FaultSetup<Store>> {
  await using cleanUp = new AsyncDisposableStack()
  const folder = await mkdtemp(path.join(tmpdir(), 'taskhook-faults-'))
  cleanUp.defer(() => rm(folder, { recursive: true }))
  const log = path.join(folder, 'accepted.log')
  const refusalLog = path.join(folder, 'refused.log')
  const store = cleanUp.use(await createStore())
  const receiver = cleanUp.use(startChild('receiver-process.ts', receiverOptions))
  const { port } = await receiver.message<{ port: number }>('listening')
  const endpoints = [`http://127.0.0.1:${port}/first`, `http://127.0.0.1:${port}/second`]
  const given = { outbox: store.url, log, refusalLog, endpoints, maxConcurrency }
  const owned = cleanUp.move()

  return {
    store,
    startSender: (options) => owned.use(startChild('sender-process.ts', { ...given, ...options })),
    accepted: () => readAcceptedLog(log),
    refusals: () => (existsSync(refusalLog) ? readFileSync(refusalLog, 'utf8').trimEnd().split('\n') : []),
    async requests() {
      receiver.tell({ kind: 'report' })
      return (await receiver.message<{ requests: ReceivedRequest[] }>('requests')).requests
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
