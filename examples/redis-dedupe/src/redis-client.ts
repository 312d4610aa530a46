/** What is called of a client of node-redis (`redis`), which is connected. */
interface NodeRedisLike {
  sendCommand(command: string[]): Promise<unknown>
}

/** What is called of a client of ioredis. */
interface IoredisLike {
  call(command: string, ...parameters: string[]): Promise<unknown>
}

/** A client of either. */
export type RedisLike = NodeRedisLike | IoredisLike

/** Sends a command by either client. */
export function sendBy(
  client: RedisLike,
  command: [name: string, ...parameters: string[]],
): Promise<unknown> {
  // ioredis has a sendCommand too, which takes something else.
  return 'call' in client ? client.call(...command) : client.sendCommand(command)
}
