import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { stripVTControlCharacters } from 'node:util'
import { eventTypes, type EventType } from '@taskhook/core'
import { loadConfig } from '@taskhook/sender'
import { describe, expect, it } from 'vitest'
import { loadSettings } from '../examples/automation-service/src/load-settings.ts'
import { createAutomationClient } from '../examples/demo/automation-client.ts'
import { badRequests } from '../examples/demo/bad-requests.ts'
import { checkOrder } from '../examples/demo/check-order.ts'
import { startExample } from '../examples/demo/example-process.ts'
import { handledEvents, waitForHandling, type HandledEvent } from '../examples/demo/handled-event.ts'
import { runDemo } from '../examples/demo/run-demo.ts'
import { receiverNames, startServices } from '../examples/demo/start-services.ts'

const examples = join(import.meta.dirname, '..', 'examples')
// As for all tests, against hanging: on a quiet machine the demo takes less than ten seconds.
const timeoutInMs = 120_000

interface Finished {
  exitCode: number | null
  stdout: string
  stderr: string
}

async function run(
  command: string,
  programArguments: readonly string[],
  { cwd = examples, env }: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Finished> {
  const child = spawn(command, programArguments, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutInMs,
  })
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ])
  return { exitCode, stdout, stderr }
}

const runNode = (...[programArguments, options]: [readonly string[], Parameters<typeof run>[2]?]) =>
  run(process.execPath, ['--conditions=taskhook-source', ...programArguments], options)

async function readPage(address: string): Promise<string> {
  return (await fetch(address)).text()
}

describe('the demo', { timeout: timeoutInMs }, () => {
  it('takes tasks through all ten events, has all bad requests refused, survives outage and kill, and exits with 0', async () => {
    const env = { FORCE_COLOR: undefined, NO_COLOR: undefined }
    const { exitCode, stdout, stderr } = await runNode(['demo.ts'], { env })
    expect(stderr).toBe('')
    expect(exitCode).toBe(0)
    for (const receiver of receiverNames) {
      for (const eventType of eventTypes) {
        expect(stdout).toMatch(new RegExp(`^ .*${eventType} +[0-9a-f]{8}  ${receiver} +yes .* ms$`, 'm'))
      }
      for (const { name, code } of badRequests) {
        expect(stdout).toMatch(new RegExp(`^  ${name} .*  ${receiver} +401 ${code}$`, 'm'))
      }
      expect(stdout).toMatch(new RegExp(`^  repeated .*  ${receiver} +202, the handler ran once$`, 'm'))
    }
    const [down, other] = receiverNames
    for (const eventType of ['OrderCreated', 'OrderAccepted', 'OrderSigned']) {
      expect(stdout.match(new RegExp(`^  ${eventType} +[0-9a-f]{8}  ${down} +pending `, 'gm'))).toHaveLength(
        2,
      )
      expect(
        stdout.match(new RegExp(`^  ${eventType} +[0-9a-f]{8}  ${other} +delivered  202$`, 'gm')),
      ).toHaveLength(2)
    }
    expect(stdout).toMatch(/^  changes answered before the kill +\d+ of 72$/m)
    expect(stdout).toMatch(/^  1 +[\d:.]+ +retry +connection_\w+ +[\d.]+ ms  [\d:.]+$/m)
    expect(stdout).toMatch(/^  \d +[\d:.]+ +delivered +202 +[\d.]+ ms  -$/m)
    expect(stdout.match(/^  ✓ /gm)).toHaveLength(19)
    // No colour: standard output is no terminal.
    expect(stdout).not.toContain('\u001b')
  })

  it('does the same on PostgreSQL, and goes on when one of two automation services on one database dies', async () => {
    const { exitCode, stdout, stderr } = await runNode(['demo.ts', '--postgres'])
    expect(stderr).toBe('')
    expect(exitCode).toBe(0)
    expect(stdout).toContain('Two automation services on one database')
    expect(stdout.match(/^  ✓ /gm)).toHaveLength(25)
  })

  it('exits with 1 when a receiver has another secret, and shows whose events it refused, on its dashboard too', async () => {
    const lines: string[] = []
    const ended = new AbortController()
    const { promise: page, resolve } = Promise.withResolvers<Promise<string>>()
    const demo = runDemo({
      wrongSecrets: { fastify: 'another secret' },
      signal: AbortSignal.any([ended.signal, AbortSignal.timeout(timeoutInMs)]),
      keep: true,
      print(line) {
        lines.push(stripVTControlCharacters(line))
        const [, address] = /dashboard +(http:\S+)/.exec(line) ?? []
        if (address !== undefined)
          resolve(readPage(`${address}deliveries?outbox=automation&endpoint=fastify`))
      },
    })
    expect(await page).toMatch(/pending[^]*401/)
    ended.abort()
    const exitCode = await demo
    expect(lines.join('\n')).toMatch(/ task [0-9a-f-]{36}$/m)
    expect(exitCode).toBe(1)
    const rows = lines.filter((line) => / Order[A-Z]/.test(line))
    expect(rows.filter((row) => / express +yes /.test(row))).toHaveLength(rows.length / 2)
    const refused = rows.filter((row) => / fastify +no +- /.test(row))
    expect(refused).toHaveLength(rows.length / 2)
    expect(refused.filter((row) => row.endsWith(' retry 401'))).toEqual([refused[0]])
    // What follows would wait for attempts that are far away.
    expect(lines.join('\n')).toContain('the outbox was not shown')
  })

  it('fails when its time is over, and says what it waited for', async () => {
    const demo = runDemo({ signal: AbortSignal.timeout(1), print: () => undefined })
    await expect(demo).rejects.toThrow('no line "listening on …" from receiver-')
  })

  it('stops its services when it is interrupted', async () => {
    const child = spawn(process.execPath, ['--conditions=taskhook-source', 'demo.ts'], {
      cwd: examples,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const closed = once(child, 'close')
    const urls: string[] = []
    for await (const line of createInterface({ input: child.stdout })) {
      urls.push(...(line.match(/http:\S+/) ?? []))
      if (stripVTControlCharacters(line) === 'Events') child.kill('SIGINT')
    }
    expect(await closed).toEqual([1, null])
    expect(urls).toHaveLength(3)
    for (const url of urls) await expect(fetch(url)).rejects.toThrow('fetch failed')
  })
})

describe('the automation service', { timeout: timeoutInMs }, () => {
  it('starts with the settings of its config.json, which sends all events to both receivers', async () => {
    const file = join(examples, 'automation-service/config.json')
    expect(await loadSettings(file)).toEqual({
      host: '127.0.0.1',
      port: 3000,
      database: `sqlite:${join(examples, 'automation-service/automation.db')}`,
      leaseInMs: 15_000,
      logLevel: 'info',
    })
    const configs = await loadConfig(file, { env: { WEBHOOK_SECRET: 'change-me' } })
    expect(
      configs.map(({ id, endpoint, key, secret, events }) => [id, endpoint, key, secret, events]),
    ).toEqual([
      ['receiver-express', 'http://127.0.0.1:3001/automation', 'local', 'change-me', eventTypes],
      ['receiver-fastify', 'http://127.0.0.1:3002/automation', 'local', 'change-me', eventTypes],
    ])
  })

  it('delivers what it has accepted, once, when it is told to stop and started again', async () => {
    await using services = await startServices({ signal: AbortSignal.timeout(timeoutInMs) })
    const { automation, receivers } = services
    const { taskId } = await createAutomationClient(automation.url, services.signal).create({
      description: 'Sign the lease',
    })
    expect(await automation.process.stop()).toBe(0)
    await automation.startAgain()
    await Promise.all(receivers.map(({ process }) => waitForHandling(process, 'OrderCreated', taskId)))
    await automation.process.stop()
    for (const { process } of receivers) expect(handledEvents(process.lines)).toHaveLength(1)
  })
})

function handled(...types: EventType[]): HandledEvent[] {
  return types.map((eventType) => ({ eventType, taskId: 'a', state: 'signed', handledAt: 0 }))
}

describe('checkOrder', () => {
  const [created, accepted, signed] = ['OrderCreated', 'OrderAccepted', 'OrderSigned'] as const
  const expected = [created, accepted, signed]

  it.each([
    ['all in order', handled(created, accepted, signed), { passed: true, repeats: 0 }],
    ['one again at once', handled(created, accepted, accepted, signed), { passed: true, repeats: 1 }],
    ['one again later', handled(created, accepted, signed, accepted), { passed: false, repeats: 0 }],
    ['two swapped', handled(accepted, created, signed), { passed: false, repeats: 0 }],
    ['one missing', handled(created, signed), { passed: false, repeats: 0 }],
  ])('is told %s', (_name, events, check) => {
    const ofAnother = { ...(events[0] as HandledEvent), taskId: 'b' }
    expect(checkOrder([ofAnother, ...events, ofAnother], 'a', expected)).toEqual(check)
  })
})

const handledLine = /^OrderCreated [0-9a-f-]{36} created$/

describe.each(receiverNames)('receiver-%s', { timeout: timeoutInMs }, (name) => {
  const cwd = join(examples, `receiver-${name}`)

  it('does not start without a secret, and says so', async () => {
    const env = { PORT: '0', WEBHOOK_SECRET: '' }
    expect(await runNode(['src/main.ts'], { cwd, env })).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: 'WEBHOOK_SECRET is not set: it must be the secret that the automation service signs with\n',
    })
  })

  it('takes the request that its README signs by hand', async () => {
    const readme = await readFile(join(cwd, 'README.md'), 'utf8')
    const script = readme.split('```js\n').at(-1)?.split('```')[0] as string

    const signal = AbortSignal.timeout(timeoutInMs)
    await using started = new AsyncDisposableStack()
    const folder = await mkdtemp(join(tmpdir(), 'taskhook-readme-'))
    started.defer(() => rm(folder, { recursive: true }))
    const configFile = join(folder, 'config.json')
    await writeFile(configFile, JSON.stringify({ port: 0, webHook: { enabled: false } }))
    const automation = started.use(
      startExample({ example: 'automation-service', arguments: [configFile], signal }),
    )
    const automationUrl = await automation.listening()
    const receiver = started.use(
      startExample({
        example: `receiver-${name}`,
        env: {
          PORT: '0',
          WEBHOOK_SECRET: 'change-me',
          AUTOMATION_URL: automationUrl,
          DATABASE: join(folder, 'receiver.db'),
        },
        signal,
      }),
    )
    const receiverUrl = await receiver.listening()

    const byHand = join(folder, 'by-hand.mjs')
    await writeFile(
      byHand,
      script
        .replace('http://127.0.0.1:3000', automationUrl)
        .replace(/http:\/\/127\.0\.0\.1:300[12]/, receiverUrl),
    )
    expect(await runNode([byHand])).toEqual({ exitCode: 0, stdout: '202\n', stderr: '' })
    await receiver.waitForLine('of the handler', (line) => handledLine.test(line))
  })
})
