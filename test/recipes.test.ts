import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { request as send, type IncomingMessage } from 'node:http'
import path from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { isForAnyReceiver, judgeAnswer, receiverVectors, type ReceiverVector } from '@taskhook/contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

interface Recipe {
  language: string
  command: readonly string[]
  /** It verifies who sent the bytes, and leaves reading them to a library of the service's choice. */
  leavesPayload?: true
  env?: Record<string, string>
}

const recipes: Recipe[] = [
  { language: 'Python', command: ['python3', 'python/receiver.py'] },
  { language: 'Java', command: ['java', 'java/Receiver.java'], leavesPayload: true },
  { language: 'Go', command: ['go', 'run', 'go/receiver.go'] },
]
// A recipe runs where its language is installed. The README says which have been run; C# never here.
const installed = recipes.filter(
  ({ command: [tool = ''] }) => spawnSync(tool, ['-version']).error === undefined,
)
const secret = 'correct horse battery staple'

test('the languages of this machine', () => {
  console.log(`recipes that run here: ${installed.map(({ language }) => language).join(', ') || 'none'}`)
  expect(installed.length).toBeLessThanOrEqual(recipes.length)
})

describe.each(installed)('$language', ({ command: [tool = '', ...args], leavesPayload, env }) => {
  let receiver: ChildProcess
  let lines: Interface
  let port: number

  beforeAll(async () => {
    receiver = spawn(tool, args, {
      cwd: path.resolve(import.meta.dirname, '../packages/contract/recipes'),
      env: { ...process.env, ...env, WEBHOOK_SECRET: secret, PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    lines = createInterface(receiver.stdout as NodeJS.ReadableStream)
    const [line] = (await once(lines, 'line')) as [string]
    port = Number(line)
  }, 60_000)
  afterAll(() => receiver.kill())

  const vectors = makeVectors().filter(
    (vector) => isForAnyReceiver(vector, secret) && !(leavesPayload && isOfPayload(vector)),
  )

  test.each(vectors)('$name: $why', async ({ name }) => {
    // Made anew, since a request is good for five minutes.
    const vector = makeVectors().find((one) => one.name === name) as ReceiverVector
    const isHandled = vector.expected.outcome === 'event'
    const printed = isHandled ? once(lines, 'line') : undefined
    expect(judgeAnswer(vector, await post(vector.request))).toEqual({ result: 'passed' })
    if (vector.expected.outcome !== 'event' || leavesPayload) return
    const { taskId, eventType } = vector.expected
    expect(JSON.parse(((await printed) as [string])[0])).toEqual({ taskId, eventType })
  })

  async function post({ url, headers, bodyBase64 }: ReceiverVector['request']): Promise<number> {
    const body = Buffer.from(bodyBase64, 'base64')
    const client = send({
      port,
      host: '127.0.0.1',
      method: 'POST',
      path: url,
      agent: false,
      headers: [['host', `127.0.0.1:${port}`], ['content-length', String(body.length)], ...headers].flat(),
    })
    client.end(body)
    const [response] = (await once(client, 'response')) as [IncomingMessage]
    response.resume()
    return response.statusCode ?? 0
  }
})

function makeVectors(): ReceiverVector[] {
  return receiverVectors({ now: new Date(), secret, key: 'site-1', path: '/automation' })
}

/** Whether it is about what the JSON says, and not about who sent it. */
function isOfPayload({ expected, request }: ReceiverVector): boolean {
  const isRefusedForIt = expected.outcome === 'refused' && expected.status === 400
  return isRefusedForIt || expected.outcome === 'ignored' || request.bodyText === undefined
}
