import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createTestEndpoint, delivered } from './testing-attempts.ts'
import { openTestOutbox } from './testing-outbox.ts'

const script = fileURLToPath(new URL('testing-process.ts', import.meta.url))

function startProcess(task: 'enqueue' | 'claim', file: string): ChildProcess {
  const child = spawn(process.execPath, [script, task, file], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

describe('dispatchers on one file', () => {
  test('attempt each delivery once, those of an ordering key in order and one at a time', async () => {
    const clock = openTestOutbox().clock
    const first = openTestOutbox({ clock })
    const second = openTestOutbox({ clock, file: first.file })
    const attempted: string[] = []
    const keysInFlight = new Set<string>()
    let twoAtOnce = false
    const createEndpoint = () => ({
      ...createTestEndpoint({ maxConcurrency: 6 }),
      async attempt({ id, orderingKey }: { id: string; orderingKey: string }) {
        twoAtOnce ||= keysInFlight.has(orderingKey)
        keysInFlight.add(orderingKey)
        attempted.push(id)
        for (let turn = Number(id) % 7; turn > 0; turn -= 1) await nextTurn()
        keysInFlight.delete(orderingKey)
        return delivered
      },
    })
    const counts = { first: 0, second: 0 }
    const dispatchers = await Promise.all([
      first.startDispatcher({ endpoints: [counted(createEndpoint(), () => (counts.first += 1))] }),
      second.startDispatcher({ endpoints: [counted(createEndpoint(), () => (counts.second += 1))] }),
    ])
    const ids = Array.from({ length: 300 }, (_, index) => `${index}`)
    for (let begin = 0; begin < ids.length; begin += 50) {
      const { enqueue } = begin % 100 === 0 ? first : second
      await enqueue(...ids.slice(begin, begin + 50).map((id) => ({ id, orderingKey: `${Number(id) % 20}` })))
      for (const dispatcher of dispatchers) dispatcher.wake()
    }
    await expect.poll(() => first.ledger.nextReadyAt('one', 0), { interval: 5 }).toBeUndefined()

    expect(twoAtOnce).toBe(false)
    expect(attempted.toSorted()).toEqual(ids.toSorted())
    for (let key = 0; key < 20; key += 1) {
      const ofKey = attempted.filter((id) => Number(id) % 20 === key)
      expect(ofKey).toEqual(ofKey.toSorted((a, b) => Number(a) - Number(b)))
    }
    // Otherwise there was nothing to share.
    expect(Math.min(counts.first, counts.second)).toBeGreaterThan(0)
  })
})

describe('a dispatcher', () => {
  test('is woken by what another process enqueued', async () => {
    const { file, startDispatcher } = openTestOutbox()
    const attempted = Promise.withResolvers<string>()
    const endpoint = createTestEndpoint({
      answer({ delivery }) {
        attempted.resolve(delivery.id)
        return delivered
      },
    })
    // Time stands still, so that no timer of the dispatcher can be what woke it.
    await startDispatcher({ endpoints: [endpoint] })
    const child = startProcess('enqueue', file)
    expect(await attempted.promise).toBe('from another process')
    if (child.exitCode === null) await once(child, 'exit')
    expect(child.exitCode).toBe(0)
  })

  test('takes back at once, when it starts, what a process had that was killed', async () => {
    const { enqueue, file, look, startDispatcher } = openTestOutbox()
    await enqueue('1', '2')
    const child = startProcess('claim', file)
    expect(String((await once(child.stdout!, 'data'))[0])).toBe('claimed 2\n')
    const living = createTestEndpoint({ answer: () => delivered })
    const dispatcher = await startDispatcher({ endpoints: [living] })
    expect(living.attempts).toEqual([])
    await dispatcher.stop()

    child.kill('SIGKILL')
    await once(child, 'exit')
    const endpoint = createTestEndpoint({ answer: () => delivered })
    await startDispatcher({ endpoints: [endpoint] })
    expect(endpoint.attempted()).toEqual(['1', '2'])
    expect(await look('2')).toMatchObject({ state: 'delivered', attemptCount: 1 })
  })
})

function counted<T extends { attempt: (...given: never[]) => unknown }>(endpoint: T, count: () => void): T {
  const attempt = (...given: never[]): unknown => {
    count()
    return endpoint.attempt(...given)
  }
  return { ...endpoint, attempt }
}

async function nextTurn(): Promise<void> {
  await new Promise<void>((resolve) => void setImmediate(resolve))
}
