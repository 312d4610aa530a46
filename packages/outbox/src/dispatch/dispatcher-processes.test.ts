import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { readFileSync } from 'node:fs'
import { describe, expect, onTestFinished, test } from 'vitest'
import { describePlace } from './place.ts'
import { createTestEndpoint, delivered } from '../testing/test-endpoint.ts'
import { openTestLedger } from '../testing/test-sqlite.ts'
import { openTestOutbox } from '../testing/test-outbox.ts'

const script = fileURLToPath(new URL('../testing/test-process.ts', import.meta.url))

function startProcess(task: 'enqueue' | 'own', file: string): ChildProcess {
  const child = spawn(process.execPath, ['--conditions=taskhook-source', script, task, file], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

describe('a dispatcher', () => {
  test('is woken by what another process enqueued', async () => {
    const { file, ledger, startOutbox } = openTestOutbox()
    const attempted = Promise.withResolvers<string>()
    const endpoint = createTestEndpoint({
      answer({ delivery }) {
        attempted.resolve(delivery.id)
        return delivered
      },
    })
    // Time stands still, so that no timer of the dispatcher can be what woke it; and the ledger tells by itself.
    const other = openTestLedger(file)
    await startOutbox({
      ledger: {
        ...ledger,
        dispatch: {
          ...ledger.dispatch,
          onChange: (listener: () => void) => other.dispatch.onChange(listener),
        },
      },
      endpoints: [endpoint],
    })
    const child = startProcess('enqueue', file)
    expect(await attempted.promise).toBe('from another process')
    if (child.exitCode === null) await once(child, 'exit')
    expect(child.exitCode).toBe(0)
  })

  test('takes over at once, when it starts, what a process had that was killed', async () => {
    const { clock, enqueue, file, ledger, look, startOutbox } = openTestOutbox()
    await enqueue('1', '2')
    const child = startProcess('own', file)
    expect(String((await once(child.stdout!, 'data'))[0])).toBe('owns 16\n')
    // As that process would describe itself.
    const place = describePlaceOf(child)
    await ledger.dispatch.join({ id: 'another process', place, endpointIds: ['one'] })
    const living = createTestEndpoint({ answer: () => delivered })
    const outbox = await startOutbox({ endpoints: [living] })
    await clock.quiet()
    expect(living.attempts).toEqual([])
    await outbox.stop()

    child.kill('SIGKILL')
    await once(child, 'exit')
    const endpoint = createTestEndpoint({ answer: () => delivered })
    await startOutbox({ endpoints: [endpoint] })
    expect(endpoint.attempted()).toEqual(['1', '2'])
    expect(await look('2')).toMatchObject({ state: 'delivered', attemptCount: 1 })
  })
})

/** What {@link describePlace} says in a child of this process. */
function describePlaceOf({ pid }: ChildProcess): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const startedAt = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  return JSON.stringify({ ...(JSON.parse(describePlace()) as object), pid, startedAt })
}
