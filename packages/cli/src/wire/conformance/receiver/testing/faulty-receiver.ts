import type { IncomingHttpHeaders } from 'node:http'
import type { ServerOptions } from 'node:https'
import { createVerifier, memoryDedupe, type VerifierOptions } from '@taskhook/core'
import { startReceiver, type Receiver } from '@taskhook/sender/testing'
import { runPiped } from '../../../../testing/run-piped.ts'
import type { VectorResult } from '../vector-result.ts'

/** The secret of the receivers here. */
export const secret = 'the shared secret'
/** Where the command finds it. */
export const env: Record<string, string> = { WEBHOOK_SECRET: secret }

/** What goes wrong in a receiver: it sees the request otherwise than it came, or answers with another status. */
export interface Fault {
  options?: Partial<VerifierOptions>
  see?: (request: Seen) => Partial<Seen>
  answer?: (status: number, request: Seen) => number
}

/** A request as a receiver sees it. */
export interface Seen {
  headers: IncomingHttpHeaders
  url: string
  body: Buffer
}

/** A receiver that is right, but for the fault. */
export async function startFaulty(
  { options, see, answer = (status) => status }: Fault = {},
  tls?: ServerOptions,
): Promise<Receiver> {
  const verifier = createVerifier({ secret, contentType: 'required', dedupe: memoryDedupe(), ...options })
  const receiver = await startReceiver((request, response) => {
    const seen: Seen = {
      headers: request.headers,
      url: request.url ?? '',
      body: receiver.requests.at(-1)?.body ?? Buffer.alloc(0),
    }
    void verifier
      .handle({ ...seen, ...see?.(seen) }, () => {}, { onError: () => {} })
      .then(({ status }) => response.writeHead(answer(status, seen), { location: '/elsewhere' }).end())
  }, tls)
  return receiver
}

/** What the command said of one. */
export interface FaultyCheck {
  code: number
  stderr: string
  results: VectorResult[]
  /** The last line. */
  summary: unknown
  /** Those of the results that failed, and their names. */
  failed: VectorResult[]
  names: string[]
}

/** Checks a receiver that has a fault. */
export async function checkFaulty(fault?: Fault, ...flags: string[]): Promise<FaultyCheck> {
  const { url } = await startFaulty(fault)
  const { code, values, stderr } = await runPiped(['conformance', url, '--json', ...flags], { env })
  const results = values() as VectorResult[]
  const summary = results.pop()
  const failed = results.filter(({ result }) => result === 'failed')
  return { code, stderr, results, summary, failed, names: failed.map(({ name }) => name) }
}
