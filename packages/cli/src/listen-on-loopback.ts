import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CommandError } from './command-error.ts'

/**
 * Has a server listen on this machine alone; port 0 is any free one. Resolves to the host and port.
 *
 * @throws CommandError `usage_invalid` when it cannot listen there.
 */
export async function listenOnLoopback(server: Server, port: number): Promise<string> {
  server.listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch (cause) {
    throw new CommandError('usage_invalid', `cannot listen on port ${port}: choose another one`, { cause })
  }
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}
