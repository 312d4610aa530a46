import type { IncomingMessage } from 'node:http'

// A client that reads no answer before it has sent its body is given this much, and this long. Then its connection ends.
const mostBytes = 32 * 1024 * 1024
const longestInMs = 10_000

/** Discards what is still to come of a body that was refused, so that the client gets to reading the answer. */
export function drain(request: IncomingMessage): void {
  let drained = 0
  const end = (): void => {
    clearTimeout(timer)
    request.off('data', count)
    request.off('close', end)
  }
  const giveUp = (): void => {
    end()
    request.destroy()
  }
  const count = (chunk: Uint8Array): void => {
    drained += chunk.length
    if (drained > mostBytes) giveUp()
  }
  const timer = setTimeout(giveUp, longestInMs)
  timer.unref()
  request.once('end', end)
  request.once('close', end)
  request.on('data', count)
  request.resume()
}
