import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventTypes } from '@taskhook/core'
import { loadConfig } from '@taskhook/sender'
import { describe, expect, it } from 'vitest'
import { loadSettings } from '../examples/automation-service/src/load-settings.ts'
import { createAutomationClient } from './demo/services/automation-client.ts'
import { startExample } from './demo/services/example-process.ts'
import { handledEvents, waitForHandling } from './demo/services/handled-event.ts'
import { receiverNames, startServices } from './demo/services/start-services.ts'
import { runNode } from './run-node.ts'

const examples = join(import.meta.dirname, '..', 'examples')
// As for all tests, against hanging.
const timeoutInMs = 120_000

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
    expect(await runNode([byHand], { cwd: folder })).toEqual({ exitCode: 0, stdout: '202\n', stderr: '' })
    await receiver.waitForLine('of the handler', (line) => handledLine.test(line))
  })
})
