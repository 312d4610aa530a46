import { expect, test } from 'vitest'
import { shareNext } from './share-next.ts'

function createRuns() {
  const runs: PromiseWithResolvers<void>[] = []
  const ask = shareNext(() => {
    const run = Promise.withResolvers<void>()
    runs.push(run)
    return run.promise
  })
  return { runs, ask }
}

test('begins at once when nothing runs', async () => {
  const { runs, ask } = createRuns()
  for (const count of [1, 2]) {
    const asked = ask()
    expect(runs).toHaveLength(count)
    runs.at(-1)!.resolve()
    await asked
  }
})

test('lets all who ask during a run share the next one, which begins when it has ended', async () => {
  const { runs, ask } = createRuns()
  const first = ask()
  const [second, third] = [ask(), ask()]
  expect(runs).toHaveLength(1)
  runs[0]!.resolve()
  await first
  expect(runs).toHaveLength(2)
  runs[1]!.resolve()
  await Promise.all([second, third])
  expect(runs).toHaveLength(2)
})

test('says to those alone who asked for it that a run failed', async () => {
  const { runs, ask } = createRuns()
  const first = ask()
  const second = ask()
  runs[0]!.reject(new Error('failed'))
  await expect(first).rejects.toThrow('failed')
  runs[1]!.resolve()
  await second
})
