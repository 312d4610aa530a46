import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { CliContext } from '../../../cli-context.ts'
import { CommandError } from '../../../command-error.ts'
import { exitCodes } from '../../../exit-codes.ts'
import type { JsonFlag } from '../../../flags.ts'
import { listenOnLoopback } from '../../../listen-on-loopback.ts'
import { readRequest } from '../../listen/read-request.ts'
import type { SenderFlags } from '../check-conformance.ts'
import { printRequest, printVerdict } from './print-sender.ts'
import { createSenderSession, type SenderSession } from './sender-session.ts'

/** How a run ended: enough was taken, nothing came any more, or by Ctrl-C. */
type Ending = 'counted' | 'quiet' | 'interrupted'

const defaultWaitInSeconds = 60

/** Listens, judges each request of a sender as it comes, and the whole at the end. */
export async function checkSender(context: CliContext, flags: SenderFlags & JsonFlag): Promise<void> {
  const { output, signal } = context
  const secrets = [flags.secret, flags.previousSecret].filter((secret) => secret !== undefined)
  const port = readNumber('--port', flags.port ?? '0', 65_535)
  const count = flags.count === undefined ? Infinity : readNumber('--count', flags.count, 1e9)
  const waitInMs = readWait(flags)
  const session = createSenderSession({ secrets, key: flags.key, refuseFirst: flags.refuseFirst })
  const ended = Promise.withResolvers<Ending>()

  function conclude(ending: Ending): void {
    const verdict = session.conclude(ending === 'quiet')
    printVerdict(context, flags.json, verdict)
    if (verdict.problems.some(({ level }) => level === 'must')) context.exitWith(exitCodes.failed)
  }

  let quiet: NodeJS.Timeout | undefined
  const waitAgain = (): void => {
    clearTimeout(quiet)
    if (waitInMs !== undefined) quiet = setTimeout(() => ended.resolve('quiet'), waitInMs)
  }
  async function exchange(request: IncomingMessage, response: ServerResponse): Promise<void> {
    await serve(context, { session, json: flags.json, request, response })
    waitAgain()
    if (session.taken() >= count) ended.resolve('counted')
  }
  const server = createServer((request, response) => {
    clearTimeout(quiet)
    exchange(request, response).catch(ended.reject)
  })
  // Judge at once, because the process ends with Ctrl-C. Everything that came until then counts.
  const interrupt = (): void => {
    conclude('interrupted')
    ended.resolve('interrupted')
  }
  const url = `http://${await listenOnLoopback(server, port)}/automation`
  if (flags.json) output.printJson({ listening: url })
  else output.print(`configure the sender to post to ${url}${secrets.length === 0 ? noSecret : ''}`)
  if (signal.aborted) interrupt()
  else signal.addEventListener('abort', interrupt, { once: true })
  waitAgain()
  try {
    const ending = await ended.promise
    if (ending === 'quiet' && session.conclude(true).requests === 0) {
      throw new CommandError('endpoint_unavailable', 'no request came from a sender')
    }
    if (ending !== 'interrupted') conclude(ending)
  } finally {
    clearTimeout(quiet)
    signal.removeEventListener('abort', interrupt)
    server.close()
    server.closeAllConnections()
  }
}

const noSecret = '; without a secret, signatures are not verified'

interface Exchange {
  session: SenderSession
  json: boolean
  request: IncomingMessage
  response: ServerResponse
}

async function serve(context: CliContext, { session, json, request, response }: Exchange): Promise<void> {
  const from = context.now()
  const read = await readRequest(request)
  // It went away before it was complete.
  if (read === undefined) return
  const counts: Record<string, number> = {}
  for (const [name, values = []] of Object.entries(request.headersDistinct)) counts[name] = values.length
  const { judged, answer, answered } = await session.receive({ ...read, counts }, from)
  // Before the answer: what the sender does upon it comes later.
  answered(context.now())
  printRequest(context, json, judged)
  await new Promise<void>((resolve) => {
    response.once('close', resolve)
    // One request a connection, so that the last one need not be waited for.
    response.writeHead(answer.status, { ...answer.headers, connection: 'close' }).end()
  })
}

function readWait({ wait, count }: SenderFlags): number | undefined {
  if (wait === undefined) return count === undefined ? undefined : defaultWaitInSeconds * 1000
  const seconds = Number(wait)
  if (/^\d+(\.\d+)?$/.test(wait) && seconds > 0 && seconds <= 86_400) return seconds * 1000
  throw new CommandError('usage_invalid', '--wait must be a number of seconds, 86400 at most')
}

function readNumber(flag: string, text: string, largest: number): number {
  const number = Number(text)
  if (/^\d+$/.test(text) && number <= largest) return number
  throw new CommandError('usage_invalid', `${flag} must be a whole number, ${largest} at most`)
}
