import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { CliContext } from '../../cli-context.ts'
import { CommandError } from '../../command-error.ts'
import type { JsonFlag } from '../../flags.ts'
import { listenOnLoopback } from '../../listen-on-loopback.ts'
import { printable } from '../../output/printable.ts'
import { findSecrets } from '../secret/find-secrets.ts'
import type { SecretFlags } from '../secret/secret-flags.ts'
import { writeVerdict } from '../verdict.ts'
import { createAnswerer, type Answer, type Answerer } from './answerer.ts'
import { createJudge, type Judge, type ReceivedVerdict } from './judge.ts'
import { readRequest } from './read-request.ts'

/** The flags of `listen`. */
export interface ListenFlags extends SecretFlags, JsonFlag {
  port: string
  status?: string | undefined
  forwardTo?: string | undefined
  explain: boolean
  count?: string | undefined
}

/** Prints what arrives until it is ended. */
export async function listen(context: CliContext, flags: ListenFlags): Promise<void> {
  const { output, signal, now } = context
  const secrets = await findSecrets(context, flags)
  const judge = createJudge({ secrets, explain: flags.explain, now })
  const answerer = createAnswerer({ status: flags.status, forwardTo: flags.forwardTo })
  const port = readNumber('--port', flags.port, 65_535)
  const ended = new AbortController()
  let remaining = flags.count === undefined ? Infinity : readNumber('--count', flags.count, 1e9)

  let fault: unknown

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const received = await receive(request, response, { judge, answerer, signal })
    if (received === undefined) return
    printReceived(context, flags.json, received)
    remaining -= 1
    if (remaining <= 0) ended.abort()
  }

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      fault = error
      ended.abort()
    })
  })
  const url = `http://${await listenOnLoopback(server, port)}`
  if (flags.json) output.printJson({ listening: url })
  else
    output.print(
      `listening on ${url}${secrets.length === 0 ? ', without a secret: nothing is verified' : ''}`,
    )
  await untilAborted(AbortSignal.any([signal, ended.signal]))
  server.close()
  // Those that have been answered, and those that will not be.
  if (signal.aborted || fault !== undefined) server.closeAllConnections()
  else server.closeIdleConnections()
  await once(server, 'close')
  if (fault !== undefined) throw fault
}

/** A request, what is to be said of it and what was answered. */
interface Received {
  at: Date
  verdict: ReceivedVerdict
  answer: Answer
}

async function receive(
  request: IncomingMessage,
  response: ServerResponse,
  { judge, answerer, signal }: { judge: Judge; answerer: Answerer; signal: AbortSignal },
): Promise<Received | undefined> {
  const read = await readRequest(request)
  // It went away before it was complete.
  if (read === undefined) return undefined
  const { at, verdict } = await judge(read)
  const answer = await answerer(read, verdict, signal)
  // One request a connection, so that the last one need not be waited for.
  response.writeHead(answer.status, { ...answer.headers, connection: 'close' }).end(answer.body)
  return { at, verdict, answer }
}

function printReceived({ output }: CliContext, json: boolean, { at, verdict, answer }: Received): void {
  const { status, failure } = answer
  if (json) {
    output.printJson({ at, ...verdict, answered: status, ...(failure !== undefined && { failure }) })
    return
  }
  const [first = '', ...more] =
    verdict.outcome === 'unverified'
      ? [`${output.style.warning('not verified')} ${printable(verdict.method)}, ${verdict.bytes} bytes`]
      : writeVerdict(verdict, output.style)
  const time = output.style.faint(at.toISOString().slice(11, 19))
  const why = failure === undefined ? '' : `: ${printable(failure)}`
  output.print(`${time} ${first} -> ${status}${why}`)
  for (const line of more) output.print(line)
}

function readNumber(flag: string, text: string, largest: number): number {
  const number = Number(text)
  if (/^\d+$/.test(text) && number <= largest) return number
  throw new CommandError('usage_invalid', `${flag} must be a whole number, ${largest} at most`)
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
}
