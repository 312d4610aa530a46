import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { answerParent } from './child.ts'
import { stayAwake } from './stay-awake.ts'

/** What to ask a server for, and for how long. */
export interface Load {
  port: number
  /** Whole requests as they go over the wire, sent in turn. Each must be answered with 202 or 204, without a body. */
  requests: readonly string[]
  /** Whether each is sent once at the most; should they not be enough, that is an error. Default: they are sent again and again. */
  isEachSentOnce?: boolean
  /** Whether this process may sleep while it waits: where there is a database beside the server that needs the processor. Default false. */
  maySleep?: boolean
  /** Each has one request under way. */
  connections: number
  warmUpInMs: number
  durationInMs: number
}

/** What came of a {@link Load}. */
export interface LoadResult {
  requestsPerSecond: number
  /** How many requests were answered until the end, the warm-up included. */
  answered: number
}

// Over bare sockets: an HTTP client costs more than the fastest of the servers, and would be what is measured.
async function generateLoad({
  port,
  requests,
  isEachSentOnce = false,
  maySleep = false,
  connections,
  warmUpInMs,
  durationInMs,
}: Load): Promise<LoadResult> {
  let answered = 0
  let next = 0
  let ended = false

  const open = (): Promise<void> =>
    new Promise((resolve, reject) => {
      let answer = ''
      const send = (): void => {
        if (isEachSentOnce && next >= requests.length) socket.destroy(new Error('there are too few requests'))
        else socket.write(requests[next++ % requests.length] ?? '')
      }
      const socket = connect({ port, host: '127.0.0.1', noDelay: true }, send)
        .setEncoding('latin1')
        .on('data', (text) => {
          answer += text
          // There is no body, so that the head is all of it.
          if (!answer.endsWith('\r\n\r\n')) return
          if (!/^HTTP\/1\.1 20[24] /v.test(answer)) return void socket.destroy(new Error(answer))
          answer = ''
          answered += 1
          if (ended) socket.end()
          else send()
        })
        .on('error', reject)
        .on('close', () => (ended ? resolve() : reject(new Error('the server closed a connection'))))
    })

  if (!maySleep) stayAwake(() => ended)
  const all = Promise.all(Array.from({ length: connections }, () => open()))
  const measure = async (): Promise<number> => {
    await delay(warmUpInMs)
    const answeredBefore = answered
    const startedAt = performance.now()
    await delay(durationInMs)
    const requestsPerSecond = ((answered - answeredBefore) * 1000) / (performance.now() - startedAt)
    ended = true
    return requestsPerSecond
  }
  const [requestsPerSecond] = await Promise.all([measure(), all])
  return { requestsPerSecond, answered }
}

answerParent((question) => generateLoad(question as Load))
