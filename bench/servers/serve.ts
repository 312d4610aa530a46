import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answerParent } from '../child.ts'

/** What a server tells of itself whenever it is asked. */
export interface ServerState {
  port: number
  /** Since its start, of all its threads. */
  cpuTimeInMs: number
}

/** Tells the parent process, whenever it asks, where the server listens and what it has used. */
export async function serve(server: Server): Promise<void> {
  if (!server.listening) await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  answerParent(async (): Promise<ServerState> => {
    const { user, system } = process.cpuUsage()
    return { port, cpuTimeInMs: (user + system) / 1000 }
  })
}
