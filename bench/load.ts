import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { answerParent } from './child.ts'
import { stayAwake } from './stay-awake.ts'

/** What to ask a server for, and for how long. */
export interface Load {
  port: number
  /** Whole requests as they go over the wire, sent in turn. Each must be answered with 204. */
  requests: readonly string[]
  /** Each has one request under way. */
  connections: number
  warmUpInMs: number
  durationInMs: number
}

/** What came of a {@link Load}. */
export interface LoadResult {
  requestsPerSecond: number
}

// Over bare sockets: an HTTP client costs more than the fastest of the servers, and would be what is measured.
async function generateLoad({
  port,
  requests,
  connections,
  warmUpInMs,
  durationInMs,
}: Load): Promise<LoadResult> {
  let answered = 0
  let ended = false

  const open = (index: number): Promise<void> =>
    new Promise((resolve, reject) => {
      let next = index
      let answer = ''
      const send = (): unknown => socket.write(requests[next++ % requests.length] ?? '')
      const socket = connect({ port, host: '127.0.0.1', noDelay: true }, send)
        .setEncoding('latin1')
        .on('data', (text) => {
          answer += text
          // A 204 has no body, so that its head is all of it.
          if (!answer.endsWith('\r\n\r\n')) return
          if (!answer.startsWith('HTTP/1.1 204 ')) return void socket.destroy(new Error(answer))
          answer = ''
          answered += 1
          if (ended) socket.end()
          else send()
        })
        .on('error', reject)
        .on('close', () => (ended ? resolve() : reject(new Error('the server closed a connection'))))
    })

  stayAwake(() => ended)
  const all = Promise.all(Array.from({ length: connections }, (_, index) => open(index)))
  const measure = async (): Promise<LoadResult> => {
    await delay(warmUpInMs)
    const answeredBefore = answered
    const startedAt = performance.now()
    await delay(durationInMs)
    const requestsPerSecond = ((answered - answeredBefore) * 1000) / (performance.now() - startedAt)
    ended = true
    return { requestsPerSecond }
  }
  const [result] = await Promise.all([measure(), all])
  return result
}

answerParent((question) => generateLoad(question as Load))
