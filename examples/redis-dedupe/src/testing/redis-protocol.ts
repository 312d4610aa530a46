/** What Redis answers with. An object is a map, which only version 3 of the protocol has. */
export type Reply = string | number | null | RedisFault | Readonly<Record<string, string | number>>

/** An error as Redis answers it. */
export class RedisFault extends Error {}

/**
 * Takes the commands out of what came, each an array of strings, and leaves what is not whole yet.
 *
 * https://redis.io/docs/latest/develop/reference/protocol-spec/
 */
export function readCommands(bytes: Buffer<ArrayBuffer>): {
  commands: string[][]
  rest: Buffer<ArrayBuffer>
} {
  const commands: string[][] = []
  let rest = bytes
  for (;;) {
    const read = readCommand(rest)
    if (read === undefined) return { commands, rest }
    commands.push(read.command)
    rest = rest.subarray(read.end)
  }
}

function readCommand(bytes: Buffer): { command: string[]; end: number } | undefined {
  const head = readLine(bytes, 0)
  if (head === undefined) return undefined
  let { end } = head
  const command: string[] = []
  for (let left = Number(head.line.slice(1)); left > 0; left -= 1) {
    const size = readLine(bytes, end)
    if (size === undefined) return undefined
    const length = Number(size.line.slice(1))
    if (bytes.length < size.end + length + 2) return undefined
    command.push(bytes.toString('utf8', size.end, size.end + length))
    end = size.end + length + 2
  }
  return { command, end }
}

function readLine(bytes: Buffer, from: number): { line: string; end: number } | undefined {
  const end = bytes.indexOf('\r\n', from)
  return end === -1 ? undefined : { line: bytes.toString('utf8', from, end), end: end + 2 }
}

/** A reply as bytes on the wire; a string that is `OK` or the like is a simple one, which no client tells apart. */
export function encodeReply(reply: Reply): string {
  if (reply === null) return '$-1\r\n'
  if (typeof reply === 'number') return `:${reply}\r\n`
  if (typeof reply === 'string') return `$${Buffer.byteLength(reply)}\r\n${reply}\r\n`
  if (reply instanceof RedisFault) return `-ERR ${reply.message.replaceAll(/\s+/g, ' ')}\r\n`
  const entries = Object.entries(reply)
  return `%${entries.length}\r\n${entries.flat().map(encodeReply).join('')}`
}
