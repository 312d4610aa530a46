import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { stripVTControlCharacters } from 'node:util'
import { eventTypes } from '@taskhook/core'
import { describe, expect, it } from 'vitest'
import { badRequests } from './acts/bad-requests.ts'
import { runDemo } from './run-demo.ts'
import { runNode } from '../run-node.ts'
import { receiverNames } from './services/start-services.ts'

// As for all tests, against hanging: on a quiet machine the demo takes less than ten seconds.
const timeoutInMs = 120_000

async function readPage(address: string): Promise<string> {
  return (await fetch(address)).text()
}

describe('the demo', { timeout: timeoutInMs }, () => {
  it('takes tasks through all ten events, has all bad requests refused, survives outage and kill, and exits with 0', async () => {
    const env = { FORCE_COLOR: undefined, NO_COLOR: undefined }
    const { exitCode, stdout, stderr } = await runNode(['main.ts'], { cwd: import.meta.dirname, env })
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
    const { exitCode, stdout, stderr } = await runNode(['main.ts', '--postgres'], {
      cwd: import.meta.dirname,
    })
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
    const child = spawn(process.execPath, ['--conditions=taskhook-source', 'main.ts'], {
      cwd: import.meta.dirname,
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
