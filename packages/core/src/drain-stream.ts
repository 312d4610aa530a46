/** What is needed of a readable stream of Node.js: an `IncomingMessage`, or HTTP/2's request. */
export interface NodeStreamLike {
  readonly readableEnded: boolean
  readonly destroyed: boolean
  readonly httpVersionMajor?: number | undefined
  /** What HTTP/2's request is read from; it stays open when the request is destroyed. */
  readonly stream?: { destroy(): unknown } | undefined
  // oxlint-disable-next-line typescript/no-explicit-any -- the listeners of each event differ
  on(event: string, listener: (...parameters: any[]) => void): unknown
  // oxlint-disable-next-line typescript/no-explicit-any
  off(event: string, listener: (...parameters: any[]) => void): unknown
  resume(): unknown
  destroy(): unknown
}

/** How much of a refused body is discarded before its connection ends. */
export const drainBounds: { readonly mostBytes: number; readonly longestInMs: number } = {
  mostBytes: 32 * 1024 * 1024,
  longestInMs: 10_000,
}

/**
 * Discards what is still to come of a body that was refused, so that a client which reads no answer before it has sent
 * its body gets to reading it, and the connection can be used again. Up to 32 MB, and for ten seconds: then the connection
 * ends, over HTTP/2 the stream.
 */
export function drainStream(stream: NodeStreamLike): void {
  if (stream.readableEnded || stream.destroyed) return
  let drained = 0
  const end = (): void => {
    clearTimeout(timer)
    stream.off('data', count)
    stream.off('end', end)
    stream.off('close', end)
  }
  const giveUp = (): void => {
    end()
    stream.destroy()
    stream.stream?.destroy()
  }
  const count = (chunk: Uint8Array): void => {
    drained += chunk.length
    if (drained > drainBounds.mostBytes) giveUp()
  }
  const timer = setTimeout(giveUp, drainBounds.longestInMs)
  timer.unref?.()
  // What goes wrong now concerns a body that is not wanted. The listener stays, since an error may follow the end.
  stream.on('error', () => {})
  stream.on('end', end)
  stream.on('close', end)
  stream.on('data', count)
  stream.resume()
}
