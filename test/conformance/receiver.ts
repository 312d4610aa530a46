import type { AddressInfo } from 'node:net'
import type { Server } from 'node:http'
import { once } from 'node:events'
import type { ReceivedWebhook, TaskEvent, VerifierOptions } from '@taskhook/core'

/** The application behind the adapter: given a webhook, the status to answer with. */
export type Handler = (webhook: ReceivedWebhook<TaskEvent>) => number | Promise<number>

/** What an application is made of. */
export interface Application {
  options: VerifierOptions
  handler: Handler
  /** Told the code of each refusal, whether or not a client is still there to be answered. */
  onRefused?: (code: string | undefined) => void
}

/** An application that listens on a port of its own. */
export interface Receiver extends AsyncDisposable {
  readonly port: number
}

/**
 * Starts an application on one framework: the webhook at `/automation`, for every method, and at `/automation/`, which
 * is what a sender with a `key` asks for.
 */
export type StartReceiver = (application: Application) => Promise<Receiver>

/**
 * Has a server listen on a free port, and closes its connections with it. It closes none before, however long it is idle: the client
 * of a test keeps connections as well, and if the process stalls for longer than the server waits (5 s by default), the server closes a
 * connection that the client has just written to. The client cannot tell that from a fault of ours.
 */
export async function listen(server: Server): Promise<Receiver> {
  server.keepAliveTimeout = 0
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
