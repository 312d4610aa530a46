import { stripVTControlCharacters } from 'node:util'
import { eventTypes } from '@taskhook/core'
import { describe, expect, it } from 'vitest'
import { runNode } from '../run-node.ts'
import { badRequests } from './acts/bad-requests.ts'
import { promises } from './print/promise.ts'
import { runDemo } from './run-demo.ts'
import { startExample } from './services/example-process.ts'
import { receiverNames } from './services/start-services.ts'
import { startDemo } from './testing/start-demo.ts'

// As for all tests, against hanging: on a quiet machine the demo takes less than ten seconds.
const timeoutInMs = 120_000
const promiseCount = Object.keys(promises).length

async function readPage(address: string): Promise<string> {
  return (await fetch(address)).text()
}

describe('the demo', { timeout: timeoutInMs }, () => {
  it('takes tasks through all ten events, has all bad requests refused, survives outage and kill, and shows it until Ctrl-C', async () => {
    await using demo = startDemo('--keep')
    await demo.waitForLine(/Ctrl-C ends them/)
    demo.interrupt('all')
    expect(await demo.ended).toBe(130)
    await demo.gone()
    expect(demo.errors).toEqual([])
    const stdout = demo.lines.join('\n')
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
    expect(stdout.match(/^Act \d: /gm)).toHaveLength(5)
    for (const words of Object.values(promises)) expect(stdout).toContain(`\n  ✓ ${words}\n`)
    expect(stdout).toContain(`${promiseCount} of ${promiseCount} promises were kept`)
    expect(stdout).not.toContain('✗')
    // No colour: standard output is no terminal.
    expect(stdout).not.toContain('\u001b')
  })

  it('does the same on PostgreSQL, goes on when one of two automation services on one database dies, and exits with 0', async () => {
    const { exitCode, stdout, stderr } = await runNode(['main.ts', '--postgres'], {
      cwd: import.meta.dirname,
    })
    expect(stderr).toBe('')
    expect(exitCode).toBe(0)
    expect(stdout).toContain('Act 6: one of two automation services dies')
    expect(stdout).toContain(`${promiseCount} of ${promiseCount} promises were kept`)
    expect(stdout).not.toContain('✗')
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
    expect(lines).toContain(`  ✗ ${promises.arrival}`)
    // What follows would wait for attempts that are far away.
    expect(lines.join('\n')).toContain('The acts after the first failure were not shown')
  })

  it('says what it waited for when its time is over', async () => {
    const time = new AbortController()
    await using receiver = startExample({ example: 'receiver-express', signal: time.signal })
    const listening = receiver.listening()
    time.abort()
    await expect(listening).rejects.toThrow('no line "listening on …" from receiver-express')
  })

  it.each([
    ['while its services start', ['--postgres'], /Starting/, 'process'],
    ['in the first act', [], /^Act 1/, 'all'],
    ['while a receiver is killed', [], /^Act 5/, 'process'],
  ] as const)('ends at once when it is interrupted %s', async (_moment, flags, line, whom) => {
    await using demo = startDemo(...flags)
    await demo.waitForLine(line)
    demo.interrupt(whom)
    expect(await demo.ended).toBe(130)
    await demo.gone()
    // No stack of an error.
    expect(demo.errors).toEqual([])
    expect(demo.lines.at(-1)).toContain('Ended by SIGINT')
  })
})
