import type { IncomingHttpHeaders } from 'node:http'
import { storedLimitInBytes } from './stored-response.ts'

/** As much of an answer as has been read. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** The first {@link storedLimitInBytes} of the body, and nothing beyond. */
  readonly chunks: Buffer[]
  bytesRead: number
}

/** Keeps what may be stored of a chunk of the body, and counts the rest. */
export function readChunk(answer: Answer, chunk: Buffer): void {
  const room = storedLimitInBytes - answer.bytesRead
  if (room > 0) answer.chunks.push(chunk.length > room ? chunk.subarray(0, room) : chunk)
  answer.bytesRead += chunk.length
}
