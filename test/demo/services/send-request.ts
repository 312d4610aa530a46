import type { SignedRequest } from '@taskhook/core/testing'
import * as z from 'zod'

/** How a receiver answered. */
export interface Answer {
  status: number
  /** From the problem details; not there when it accepted the request. */
  code?: string
}

const problemSchema = z.looseObject({ code: z.string() })

/** Sends a request to a receiver. */
export async function sendRequest(
  origin: string,
  { method, url, headers, body }: SignedRequest<string | Buffer<ArrayBuffer>>,
  signal: AbortSignal,
): Promise<Answer> {
  const response = await fetch(new URL(url, origin), { method, headers, body, signal })
  const { status } = response
  if (!response.headers.get('content-type')?.startsWith('application/problem+json')) {
    await response.arrayBuffer()
    return { status }
  }
  return { status, code: problemSchema.parse(await response.json()).code }
}
