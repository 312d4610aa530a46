import { randomUUID } from 'node:crypto'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bench, BenchOptions, Candidate } from './bench.ts'
import { createRefusedId } from './beside.ts'
import { startChild } from './child.ts'
import type { Drain, DrainResult } from './drain-outbox.ts'
import { sendAll } from './fill-outbox.ts'
import { createFreshFile } from './fresh-file.ts'
import { openSender } from './open-sender.ts'
import type { ServerState } from './servers/serve.ts'
import { eventsOfTask, eventsOfTasks, type TaskEvent } from './task-events.ts'

const statuses = [400, 500, 503]

/** An outbox with tasks of which some are refused. */
interface Mixture {
  takenTasks: number
  refusedTasks: number
  status: number
}

/**
 * Attempts a second of a sender while it delivers the events of the tasks that are taken, by how many other tasks are refused, and with
 * what. As each refused task has a fixed number of attempts in that time, this says what is left for the others: their rate, by their share
 * of the attempts.
 */
export async function refusedTasks({ isSmall = false }: BenchOptions = {}): Promise<Bench> {
  const attemptCount = isSmall ? 400 : 30_000
  const shares = isSmall ? [0.5] : [0.1, 0.5, 0.9]
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(await mkdtempDisposable(join(tmpdir(), 'taskhook-bench-')))
  const receiver = stack.use(
    startChild<object, ServerState>(new URL('./servers/refusing-receiver.ts', import.meta.url)),
  )
  const sender = stack.use(startChild<Drain, DrainResult>(new URL('./drain-outbox.ts', import.meta.url)))
  const { port } = await receiver.ask({})
  let mostTries = 0

  async function measure({ takenTasks, refusedTasks: refused, status }: Mixture): Promise<number> {
    const taskIds = mix(
      Array.from({ length: takenTasks }, () => randomUUID()),
      Array.from({ length: refused }, () => createRefusedId(status)),
    )
    await using file = createFreshFile(folder.path)
    await fill(file.url, eventsOfTasks(taskIds))
    const count = takenTasks * eventsOfTask
    const { attemptsPerSecond, besideCount } = await sender.ask({ outbox: file.url, port, count })
    if (refused > 0) mostTries = Math.max(mostTries, besideCount / refused)
    return attemptsPerSecond
  }

  /** As many tasks that there are as many attempts whatever the share: all events of a task that is taken, the first one of others. */
  function mixtureOf(share: number, status: number): Mixture {
    const tasks = attemptCount / (eventsOfTask * (1 - share) + share)
    const refused = Math.round(tasks * share)
    return { takenTasks: Math.round(tasks) - refused, refusedTasks: refused, status }
  }

  const floor = 'createSender, no task refused'
  const candidates: Candidate[] = [{ name: floor, measure: () => measure(mixtureOf(0, 204)) }]
  for (const status of statuses) {
    for (const share of shares) {
      candidates.push({
        name: `createSender, ${share * 100} % of tasks refused with ${status}`,
        floor,
        target: '≥ 0.80',
        measure: () => measure(mixtureOf(share, status)),
      })
    }
  }

  const started = stack.move()
  return {
    title: 'refused-tasks',
    unit: 'req/s',
    rounds: 3,
    candidates,
    note: () => `A refused task had ${mostTries.toFixed(2)} attempts at the most, as a mean of its round.`,
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}

/** Spreads the second ones evenly among the first ones. */
function mix<T>(first: readonly T[], second: readonly T[]): T[] {
  return [
    ...first.map((item, index) => ({ item, place: (index + 0.5) / first.length })),
    ...second.map((item, index) => ({ item, place: (index + 0.5) / second.length })),
  ]
    .toSorted((one, other) => one.place - other.place)
    .map(({ item }) => item)
}

async function fill(outbox: string, events: readonly TaskEvent[]): Promise<void> {
  await using sender = await openSender({ outbox })
  await sendAll(sender, events)
}
