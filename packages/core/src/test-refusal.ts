import type { Readable } from 'node:stream'
import { drainStream } from './drain-stream.ts'

/** Refuses a body with its first bytes, for the tests of the drain: what comes of it is discarded, and the request is answered. */
export function refuseAsItBegins(incoming: Readable, answer: () => void): void {
  incoming.once('data', () => {
    incoming.pause()
    drainStream(incoming)
    answer()
  })
}
