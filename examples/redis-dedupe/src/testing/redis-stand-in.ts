import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { createCommands } from './redis-commands.ts'
import { encodeReply, readCommands, RedisFault } from './redis-protocol.ts'

/** What stands for a Redis server where the tests run: its protocol, a clock of the test's own, and real Lua. */
export interface RedisStandIn extends AsyncDisposable {
  url: string
  /** Lets its time pass. */
  pass: (durationInMs: number) => void
  /** Answers nothing any more. */
  fallSilent: () => void
}

/** Starts it on a free port. */
export async function startRedisStandIn(): Promise<RedisStandIn> {
  let time = 0
  let isSilent = false
  const run = await createCommands(() => time)
  const sockets = new Set<Socket>()

  const server = createServer((socket) => {
    sockets.add(socket)
    let received = Buffer.alloc(0)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', (chunk) => {
      const { commands, rest } = readCommands(Buffer.concat([received, chunk]))
      received = rest
      for (const command of commands) if (!isSilent) socket.write(answer(command))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  function answer(command: readonly string[]): string {
    try {
      return encodeReply(run(command))
    } catch (error) {
      return encodeReply(error instanceof RedisFault ? error : new RedisFault(String(error)))
    }
  }

  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    pass: (durationInMs) => void (time += durationInMs),
    fallSilent: () => void (isSilent = true),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
