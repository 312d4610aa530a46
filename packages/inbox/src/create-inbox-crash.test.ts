import { execFile } from 'node:child_process'
import { createTestFile } from '@taskhook/outbox/testing'
import { expect, test } from 'vitest'
import { openInbox } from './testing/test-inbox.ts'
import { verified } from './testing/verified.ts'

const script = `
  const { createInbox } = await import(${JSON.stringify(new URL('index.ts', import.meta.url).href)})
  const inbox = await createInbox({
    store: process.env.STORE,
    handler: async ({ event: { taskId } }) => {
      if (taskId === 'poison') process.kill(process.pid, 'SIGKILL')
      console.log(taskId)
    },
  })
  await inbox.start()
  await inbox.idle()
  await inbox.stop()
`

/** Runs a process that handles until nothing is due. Resolves to the signal that ended it, and to what it handled. */
function run(store: string): Promise<{ signal: string | null; handled: string[] }> {
  const parameters = ['--conditions=taskhook-source', '--input-type=module', '--eval', script]
  return new Promise((resolve) => {
    execFile(process.execPath, parameters, { env: { ...process.env, STORE: store } }, (error, stdout) =>
      resolve({ signal: error?.signal ?? null, handled: stdout.split('\n').filter((line) => line !== '') }),
    )
  })
}

test('a webhook that kills its process three times is given up, and its neighbours are handled', async () => {
  const store = `sqlite:${createTestFile()}`
  const accepting = await openInbox({ store })
  const ids = new Map<string, string>()
  for (const taskId of ['another', 'poison', 'other']) {
    ids.set(taskId, (await accepting.accept(await verified({ taskId }))).id)
  }
  const runs: Awaited<ReturnType<typeof run>>[] = []
  do runs.push(await run(store))
  while (runs.at(-1)?.signal === 'SIGKILL' && runs.length < 10)
  expect(runs.map(({ signal }) => signal)).toEqual(['SIGKILL', 'SIGKILL', 'SIGKILL', null])
  expect(new Set(runs.flatMap(({ handled }) => handled))).toEqual(new Set(['another', 'other']))
  expect(await accepting.deliveries.get(ids.get('poison')!)).toMatchObject({
    state: 'exhausted',
    lastAttempt: { errorCode: 'handler_crashed' },
  })
  for (const taskId of ['another', 'other']) {
    expect(await accepting.deliveries.get(ids.get(taskId)!)).toMatchObject({ state: 'delivered' })
  }
})
