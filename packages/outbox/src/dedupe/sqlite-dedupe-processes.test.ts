import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createTestFile, openTestDatabase } from '../testing/test-sqlite.ts'
import { createBootClock } from './boot-clock.ts'
import { sqliteDedupe, type SqliteDedupeStore } from './sqlite-dedupe.ts'

const script = fileURLToPath(new URL('../testing/dedupe-process.ts', import.meta.url))

function startProcess(task: 'compete' | 'hold' | 'settle', file: string) {
  const child = spawn(process.execPath, ['--conditions=taskhook-source', script, task, file], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return { child, line: once(createInterface(child.stdout), 'line').then(([line]) => String(line)) }
}

/** A store of this process, whose clocks run ahead of the others' by as much as the test says. */
function openAhead(file: string): { store: SqliteDedupeStore; pass: (durationInMs: number) => void } {
  let ahead = 0
  const { boot, now } = createBootClock(Date.now)
  const store = sqliteDedupe({
    file,
    now: () => Date.now() + ahead,
    bootClock: { boot, now: () => now() + ahead },
  })
  onTestFinished(() => store.close())
  return { store, pass: (durationInMs) => void (ahead += durationInMs) }
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

describe('sqliteDedupe', () => {
  test('gives each id to one of several processes', async () => {
    const file = createTestFile()
    const { store } = openAhead(file)
    const counts = await Promise.all([1, 2, 3].map(() => startProcess('compete', file).line))
    expect(counts.map(Number).reduce((sum, count) => sum + count, 0)).toBe(200)
    const states = await Promise.all(Array.from({ length: 200 }, (_, id) => store.begin(String(id))))
    expect(new Set(states)).toEqual(new Set(['done']))
  })

  test('holds what a killed process had until its claim ends, and no longer', async () => {
    const file = createTestFile()
    const { store, pass } = openAhead(file)
    const { child, line } = startProcess('hold', file)
    expect(await line).toBe('holds it')
    await kill(child)
    expect(await store.begin('a')).toBe('in-progress')
    pass(store.claimInMs)
    expect(await store.begin('a')).toBeTypeOf('object')
  })

  test('leaves nothing of a transaction whose process was killed before it was committed', async () => {
    const file = createTestFile()
    const { store, pass } = openAhead(file)
    const application = openTestDatabase(file)
    application.exec('CREATE TABLE effects (number INTEGER)')
    const { child, line } = startProcess('settle', file)
    expect(await line).toBe('holds it')
    await kill(child)
    expect(application.prepare('SELECT * FROM effects').all()).toEqual([])
    expect(await store.begin('a')).toBe('in-progress')
    pass(store.claimInMs)
    expect(await store.begin('a')).toBeTypeOf('object')
  })
})
