import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { createInterface } from 'node:readline'
import { signedRequest } from '@taskhook/core/testing'
import { section, startSender } from '@taskhook/sender/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { run } from '../../../run.ts'
import { runOnTerminal } from '../../../testing/run-on-terminal.ts'
import { spawnCli } from '../../../testing/spawn-cli.ts'
import { runPiped } from '../../../testing/run-piped.ts'
import type { JudgedRequest } from './sender-session.ts'

const secret = 'the shared secret'
const env = { WEBHOOK_SECRET: secret }

interface Verdict {
  conforms: boolean
  requests: number
  taken: number
  waiting: number
  problems: { level: string; code: string; problem: string; fix: string; count: number }[]
}

/** A `conformance --sender` that runs until it ends itself, or the test does. */
async function startJudge(flags: readonly string[] = [], now?: () => number) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const end = new AbortController()
  const argv = ['conformance', '--sender', '--json', ...flags]
  const stdin = new PassThrough()
  const ended = run(argv, { stdout, stderr, stdin, env, signal: end.signal, ...(now && { now }) })
  onTestFinished(async () => {
    end.abort()
    await ended
  })
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]()
  const next = async <T>(): Promise<T> => JSON.parse((await lines.next()).value as string) as T
  const { listening: url } = await next<{ listening: string }>()
  return {
    url,
    next,
    /** Interrupts it, and gives its verdict, and the lines of the requests before it. */
    async conclude() {
      end.abort()
      const code = await ended
      stdout.end()
      const rest: object[] = []
      for await (const line of { [Symbol.asyncIterator]: () => lines }) rest.push(JSON.parse(line) as object)
      return { code, verdict: rest.at(-1) as Verdict, requests: rest.slice(0, -1) as JudgedRequest[] }
    },
    ended,
  }
}

type Changes = Partial<Omit<Parameters<typeof signedRequest>[0], 'body'>> & {
  body?: string
  without?: string[]
  method?: string
  redirect?: 'manual' | 'follow'
}

/** Posts an event as it should be, but for the changes. */
async function post(
  base: string,
  { without = [], method, redirect = 'manual', ...changes }: Changes = {},
): Promise<number> {
  const {
    url,
    method: plain,
    headers,
    body,
  } = signedRequest({ secret, taskId: 'a', eventType: 'OrderSigned', ...changes })
  for (const name of without) delete headers[name]
  const answer = await fetch(new URL(url, base), {
    method: method ?? plain,
    headers,
    body,
    redirect,
  })
  return answer.status
}

describe('a sender that is right', () => {
  test('passes, refused in each of three ways first', async () => {
    const judge = await startJudge(['--refuse-first', '--count', '3'])
    const sender = await startSender(section(judge.url, { secret, retrySchedule: ['PT0.01S', 'PT0.01S'] }))
    await sender.send({ taskId: 'a', eventType: 'OrderCreated' })
    await sender.send({ taskId: 'a', eventType: 'OrderSigned' })
    await sender.send({ taskId: 'b', eventType: 'OrderSigned' })
    expect(await judge.ended).toBe(0)
    const { verdict, requests } = await judge.conclude()
    expect(verdict).toMatchObject({ conforms: true, requests: 6, taken: 3, waiting: 0, problems: [] })
    expect(requests.map(({ answered }) => answered).toSorted((a, b) => a - b)).toEqual([
      204, 204, 204, 307, 500, 503,
    ])
  })

  test('may be tried again in the same second', async () => {
    const judge = await startJudge(['--refuse-first'])
    for (const id of ['msg_1', 'msg_2', 'msg_3']) {
      // oxlint-disable-next-line no-await-in-loop
      await post(judge.url, { taskId: id, id })
    }
    for (const id of ['msg_2', 'msg_3']) {
      // oxlint-disable-next-line no-await-in-loop
      expect(await post(judge.url, { taskId: id, id })).toBe(204)
    }
    const { code, verdict } = await judge.conclude()
    expect({ code, verdict }).toMatchObject({
      code: 0,
      verdict: { conforms: true, taken: 2, waiting: 1, problems: [] },
    })
  })
})

describe('a sender that is wrong in one request: it is named', () => {
  const faults: [string, Changes, string, string?][] = [
    ['signs not at all', { secret: false }, 'not-signed'],
    ['has another secret', { secret: 'another', standardWebhooks: false }, 'x-signature-wrong'],
    ['signs with a blank too many', { secret: `${secret} ` }, 'webhook-signature-wrong'],
    ['has no X-Signature', { without: ['x-signature'] }, 'x-signature-missing'],
    ['has no webhook-id', { without: ['webhook-id'] }, 'standard-incomplete'],
    ['has X-Signature alone', { standardWebhooks: false }, 'standard-missing', 'should'],
    ['has an old time', { sentAt: new Date(Date.now() - 3_600_000) }, 'timestamp'],
    ['has a time of before', { sentAt: new Date(Date.now() - 60_000) }, 'timestamp-not-fresh', 'should'],
    ['has milliseconds', { headers: { 'webhook-timestamp': String(Date.now()) } }, 'timestamp'],
    ['has a date', { headers: { 'webhook-timestamp': 'today' } }, 'timestamp'],
    ['posts a form', { headers: { 'content-type': 'text/plain' } }, 'content-type'],
    ['puts', { method: 'PUT' }, 'method'],
    ['sends no JSON', { body: 'taskId=a' }, 'body-not-json'],
    ['sends a list', { body: '[]' }, 'body-not-json'],
    ['sends no id', { body: '{"eventType":"OrderSigned"}' }, 'id-missing'],
    ['sends a number', { body: '{"taskId":1,"orderId":1,"eventType":"OrderSigned"}' }, 'id-invalid'],
    ['sends two ids', { body: '{"orderId":"b","eventType":"OrderSigned","taskId":"a"}' }, 'ids-differ'],
    ['sends taskId alone', { body: '{"eventType":"OrderSigned","taskId":"a"}' }, 'id-alone', 'should'],
    [
      'sends another type',
      { body: '{"orderId":"a","eventType":"signed","taskId":"a"}' },
      'event-type-unknown',
    ],
    ['sends no type', { body: '{"orderId":"a","taskId":"a"}' }, 'event-type-unknown'],
    [
      'sends more',
      { body: '{"orderId":"a","eventType":"OrderSigned","taskId":"a","x":1}' },
      'body-has-more',
      'should',
    ],
    [
      'has another order',
      { body: '{"taskId":"a","eventType":"OrderSigned","orderId":"a"}' },
      'body-not-canonical',
      'should',
    ],
    ['has another key', { key: 'south' }, 'key'],
  ]

  test.each(faults)('%s', async (_name, changes, code, level = 'must') => {
    const judge = await startJudge(['--key', 'north'])
    await post(judge.url, { key: 'north', ...changes })
    const { code: exitCode, verdict } = await judge.conclude()
    expect(verdict.problems.map((one) => one.code)).toContain(code)
    expect(verdict.problems.every(({ problem, fix }) => problem !== '' && fix !== '')).toBe(true)
    expect(exitCode).toBe(level === 'must' ? 1 : 0)
    expect(JSON.stringify(verdict)).not.toContain(secret)
  })

  test('X-Signature in another form', async () => {
    const judge = await startJudge()
    const { headers } = signedRequest({ secret, taskId: 'a', eventType: 'OrderSigned' })
    const upper = headers['x-signature']?.toUpperCase() ?? ''
    await post(judge.url, { headers: { 'x-signature': upper } })
    const { verdict } = await judge.conclude()
    expect(verdict.problems).toMatchObject([{ level: 'should', code: 'x-signature-form' }])
  })
})

const codes = ({ problems }: Verdict): string[] => problems.map(({ code }) => code).toSorted()

describe('a sender that is wrong over several requests: it is named', () => {
  test('makes a new id for each attempt, and comes before Retry-After', async () => {
    const judge = await startJudge(['--refuse-first'])
    expect([await post(judge.url), await post(judge.url)]).toEqual([503, 204])
    const { code, verdict } = await judge.conclude()
    expect({ code, codes: codes(verdict) }).toEqual({ code: 1, codes: ['id-changes', 'retry-after-ignored'] })
  })

  test('signs once, and sends another body under the same id', async () => {
    let now = Date.now()
    const judge = await startJudge(['--refuse-first'], () => now)
    const id = 'msg_1'
    const sentAt = new Date(now)
    await post(judge.url, { id, sentAt })
    now += 5000
    await post(judge.url, { id, sentAt, eventType: 'OrderRejected' })
    expect(codes((await judge.conclude()).verdict)).toEqual(['body-changes', 'timestamp-reused'])
  })

  test('lets a later event of a task overtake', async () => {
    const judge = await startJudge(['--refuse-first'])
    await post(judge.url, { id: 'msg_1' })
    await post(judge.url, { id: 'msg_2', eventType: 'OrderRejected' })
    const { verdict } = await judge.conclude()
    expect(verdict.problems).toMatchObject([{ code: 'overtaken', delivery: 'msg_2' }])
  })

  test('follows a redirect', async () => {
    const judge = await startJudge(['--refuse-first'])
    await post(judge.url, { id: 'msg_1', taskId: 'a' })
    await post(judge.url, { id: 'msg_2', taskId: 'b', redirect: 'follow' })
    expect(codes((await judge.conclude()).verdict)).toEqual(['redirect-followed'])
  })

  test('sends again what was taken', async () => {
    const judge = await startJudge()
    await post(judge.url, { id: 'msg_1' })
    await post(judge.url, { id: 'msg_1' })
    expect(codes((await judge.conclude()).verdict)).toEqual(['sent-when-taken'])
  })

  test('does not try again', async () => {
    const judge = await startJudge(['--refuse-first', '--count', '1', '--wait', '0.1'])
    await post(judge.url)
    expect(await judge.ended).toBe(1)
    const { verdict } = await judge.conclude()
    expect(verdict).toMatchObject({
      taken: 0,
      waiting: 1,
      problems: [{ code: 'not-retried', level: 'must' }],
    })
  })
})

test('a sender that never comes is 4', async () => {
  const { code, stderr } = await runPiped(['conformance', '--sender', '--wait', '0.05'], { env })
  expect({ code, stderr }).toEqual({ code: 4, stderr: expect.stringContaining('no request came') as string })
})

test('it is told in lines, with colour on a terminal', async () => {
  const end = new AbortController()
  let hasPosted = false
  const { code, screen } = await runOnTerminal(['conformance', '--sender'], {
    env: { ...env, TERM: 'xterm-256color' },
    signal: end.signal,
    onScreen: (text) => {
      const [url] = /http:\S+automation/.exec(text) ?? []
      if (url === undefined || hasPosted) return
      hasPosted = true
      void post(url, { id: 'msg_1', secret: `${secret} `, standardWebhooks: false }).then(() => end.abort())
    },
  })
  expect(code).toBe(1)
  expect(screen).toContain('OrderSigned of task a (request-1) -> 204 \u001b[31m')
  expect(screen).toMatch(/x-signature-wrong\S*: x-signature is not that of the body\. .* \(request-1\)$/m)
  expect(screen).toMatch(/^ {7}fix: ./m)
  expect(screen).toContain('requests: 1, deliveries taken: 1; failed: 1 must, 1 should')
})

test('Ctrl-C ends it, and the verdict is there', async () => {
  const child = spawnCli(['conformance', '--sender', '--json'], env)
  onTestFinished(() => void child.kill('SIGKILL'))
  const exit = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async (): Promise<object> => JSON.parse((await lines.next()).value as string) as object
  await post(((await next()) as { listening: string }).listening)
  expect(await next()).toMatchObject({ eventType: 'OrderSigned', answered: 204, problems: [] })
  child.kill('SIGINT')
  expect(await next()).toMatchObject({ conforms: true, requests: 1, taken: 1 })
  expect(await exit).toEqual([130, null])
})

test.each([
  [['--port', 'x'], '--port must be a whole number'],
  [['--count', 'x'], '--count must be a whole number'],
  [['--wait', '0'], '--wait must be a number of seconds'],
])('wrong usage: %j', async (flags, message) => {
  const { code, stdout, stderr } = await runPiped(['conformance', '--sender', ...flags], { env })
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain(message)
})
