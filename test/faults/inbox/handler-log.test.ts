import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { judge } from '../judge.ts'
import { noteDeath, readHandlerLog } from './handler-log.ts'

const accepted = [
  { task: 'task', index: 0, deliveryIds: ['a'] },
  { task: 'task', index: 1, deliveryIds: ['b'] },
]

async function judgeLog(lines: readonly string[], killed: string) {
  await using folder = await mkdtempDisposable(path.join(tmpdir(), 'taskhook-faults-'))
  const log = path.join(folder.path, 'handled.log')
  await writeFile(log, lines.map((line) => `${line}\n`).join(''))
  noteDeath(log, killed)
  return judge({ accepted, requests: readHandlerLog(log), killed: new Set([killed]) })
}

test('a call that its process died in has handled nothing', async () => {
  const verdict = await judgeLog(['begin one a', 'end one a', 'begin one b'], 'one')
  expect(verdict).toMatchObject({ lost: ['b'], outOfOrder: [], overlapping: [] })
})

test('a call that failed has handled nothing', async () => {
  const verdict = await judgeLog(['begin one a', 'fail one a', 'begin one b', 'end one b'], 'one')
  expect(verdict).toMatchObject({ lost: ['a'], outOfOrder: ['b'] })
})

test('a second call of what was handled is one that its process left behind', async () => {
  const verdict = await judgeLog(['begin one a', 'end one a', 'gone one', 'begin two a', 'end two a'], 'one')
  expect(verdict).toMatchObject({ lost: ['b'], duplicates: 1, mostLeftBehind: 1, unexplained: [] })
})

test('two calls of one task at once are told', async () => {
  const verdict = await judgeLog(['begin one a', 'begin two b', 'end one a', 'end two b'], 'three')
  expect(verdict).toMatchObject({ overlapping: ['b'], outOfOrder: ['b'] })
})
