import { request } from 'node:http'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { newDelivery } from '@taskhook/outbox/testing'
import { expect, onTestFinished, test } from 'vitest'
import { run } from '../../run.ts'
import { runOnTerminal } from '../../testing/run-on-terminal.ts'
import { runPiped } from '../../testing/run-piped.ts'
import { useTestOutbox } from '../../testing/use-test-outbox.ts'

const outbox = useTestOutbox(async (ledger) => {
  await ledger.enqueue([newDelivery('1', { orderingKey: 'task-1' })])
})

/** Starts it in this process; resolves to its address. */
async function serve(...flags: string[]): Promise<{ url: string; stop: () => Promise<number> }> {
  const stopped = new AbortController()
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const running = run(['dashboard', '--json', ...flags, ...outbox.flags], {
    stdout,
    stderr,
    stdin: new PassThrough(),
    env: {},
    signal: stopped.signal,
  })
  const [line] = (await once(stdout, 'data')) as [Buffer]
  const { url } = JSON.parse(String(line)) as { url: string }
  const stop = (): Promise<number> => {
    stopped.abort()
    return running
  }
  onTestFinished(async () => void (await stop()))
  return { url, stop }
}

/** Asks for a change as a page does; resolves to the status. */
async function change(url: string): Promise<number> {
  const body = new URLSearchParams({ do: 'pause', endpoint: 'one' })
  const { origin } = new URL(url)
  return (await fetch(`${url}action`, { method: 'POST', headers: { origin }, body, redirect: 'manual' }))
    .status
}

test('serves the pages on this machine until it is interrupted', async () => {
  const { url, stop } = await serve()
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{22}\/$/)
  const page = await fetch(`${url}task?id=task-1`)
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('task-1') as string])
  expect((await fetch(new URL('/', url))).status).toBe(404)
  expect(await stop()).toBe(0)
  await expect(fetch(url)).rejects.toThrow('fetch failed')
})

// DNS rebinding: the page of a foreign name that leads here.
test('answers no browser that calls it by another name', async () => {
  const { url } = await serve()
  const asked = request(url, { headers: { host: `evil.example:${new URL(url).port}` } }).end()
  const [response] = (await once(asked, 'response')) as [{ statusCode: number; resume: () => void }]
  response.resume()
  expect(response.statusCode).toBe(403)
})

test('lets things be changed, or not', async () => {
  const [all, readOnly] = [await serve(), await serve('--read-only')]
  expect([await change(readOnly.url), await change(all.url)]).toEqual([403, 303])
})

test('prints its address on a terminal, and what to do with it', async () => {
  const { code, screen } = await runOnTerminal(['dashboard', ...outbox.flags], {
    signal: AbortSignal.abort(),
  })
  expect(code).toBe(0)
  expect(screen).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\S+\/\nOpen it in a browser.*Ctrl-C/)
})

test('says what is wrong with a port', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  onTestFinished(() => void taken.close())
  const { port } = taken.address() as { port: number }
  for (const [given, words] of [
    [String(port), 'choose another one'],
    ['http', 'from 0 to 65535'],
    ['65536', 'from 0 to 65535'],
  ]) {
    const { code, stdout, stderr } = await runPiped(['dashboard', '--port', given!, ...outbox.flags])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(words)
  }
})
