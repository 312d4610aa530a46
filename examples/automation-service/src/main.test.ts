import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { startReceiver } from '@taskhook/sender/testing'
import { expect, onTestFinished, test } from 'vitest'

/** The service in a process of its own. */
function startService(configFile: string) {
  const child = spawn(process.execPath, ['--conditions=taskhook-source', 'src/main.ts', configFile], {
    cwd: join(import.meta.dirname, '..'),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()

  /** The next line of its log whose message is like that. */
  async function logged(message: RegExp): Promise<{ msg: string; [name: string]: unknown }> {
    for (;;) {
      const { value } = (await lines.next()) as { value?: string }
      if (value === undefined) throw new Error(`the service ended before it logged ${message}`)
      const line = JSON.parse(value) as { msg: string }
      if (message.test(line.msg)) return line
    }
  }

  return {
    logged,
    reload: () => child.kill('SIGHUP'),
    async stop(): Promise<unknown> {
      const closed = once(child, 'close')
      child.kill('SIGTERM')
      return (await closed)[0]
    },
  }
}

test('SIGHUP has the service read its webHook section again; a bad one leaves the former', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'taskhook-service-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const configFile = join(folder, 'config.json')
  const [first, second] = await Promise.all([startReceiver(), startReceiver()])
  const write = (webHook: object): Promise<void> =>
    writeFile(configFile, JSON.stringify({ port: 0, logLevel: 'debug', webHook }))

  await write({ enabled: true, id: 'receiver', endpoint: first.url, secret: 'old' })
  const service = startService(configFile)
  const [url] = /http:\S+/.exec((await service.logged(/^listening on/)).msg) ?? []

  async function createTask(): Promise<void> {
    const response = await fetch(`${url}/api/v2/tasks`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ description: 'Sign the lease' }),
    })
    expect(response.status).toBe(201)
    await service.logged(/^webhook delivered/)
  }

  await createTask()
  expect([first.requests.length, second.requests.length]).toEqual([1, 0])

  await write({ enabled: true, id: 'receiver', endpoint: second.url, secret: ['new', 'old'] })
  service.reload()
  expect(await service.logged(/was read again/)).toMatchObject({ changed: ['receiver'] })
  await createTask()
  expect([first.requests.length, second.requests.length]).toEqual([1, 1])

  await write({ enabled: true, id: 'receiver', endpoint: first.url, secret: '' })
  service.reload()
  expect(await service.logged(/was not read again/)).toMatchObject({ err: { code: 'config_invalid' } })
  await createTask()
  expect([first.requests.length, second.requests.length]).toEqual([1, 2])
  expect(await service.stop()).toBe(0)
})
