import { describe, expect, test } from 'vitest'
import {
  allowance,
  beginAttempt,
  closedCircuit,
  endAttempt,
  letTimePass,
  probeOf,
  readSign,
} from './circuit.ts'

interface Stream {
  /** Tasks a second. */
  rate: number
  /** Of them, from 0 to 1. */
  refusedShare: number
  refusal: { status?: number; errorCode?: string }
  minutes: number
}

interface Task {
  isGood: boolean
  arrivedAt: number
  tries: number
}

const maxConcurrency = 16
const attemptInMs = 50
const retryScheduleInMs = [0, 5000, 30_000, 120_000, 300_000, 600_000]

/** What becomes of the tasks that the endpoint takes, when it refuses all attempts of others: how many of them arrived, and when. */
function simulate({ rate, refusedShare, refusal, minutes }: Stream): { flow: number; medianInMs: number } {
  const random = createRandom()
  const events: { at: number; run: () => void }[] = []
  const fresh: Task[] = []
  const due: Task[] = []
  const delays: number[] = []
  let circuit = closedCircuit
  let goodCount = 0
  let busyCount = 0
  let wakesAt = 0
  let now = 0
  let takesDue = false

  function at(time: number, run: () => void): void {
    let index = events.length
    while (index > 0 && events[index - 1]!.at < time) index -= 1
    events.splice(index, 0, { at: time, run })
  }

  function take(): Task | undefined {
    if (circuit.state === 'half-open') return fresh.shift() ?? due.shift()
    takesDue = !takesDue
    return takesDue ? (due.shift() ?? fresh.shift()) : (fresh.shift() ?? due.shift())
  }

  function pump(): void {
    circuit = letTimePass(circuit, now)
    if (circuit.state === 'open') {
      if (wakesAt !== circuit.openUntil) at((wakesAt = circuit.openUntil), pump)
      return
    }
    while (allowance(circuit, maxConcurrency - busyCount) > 0) {
      const task = take()
      if (task === undefined) return
      const attempt = { isFirstTry: task.tries === 0, probeOf: probeOf(circuit) }
      circuit = beginAttempt(circuit)
      busyCount += 1
      at(now + attemptInMs, () => end(task, attempt))
    }
  }

  function end(task: Task, attempt: { isFirstTry: boolean; probeOf: number | undefined }): void {
    busyCount -= 1
    const answer = task.isGood ? { status: 204 } : refusal
    const outcome = task.isGood ? 'delivered' : 'retry'
    circuit = endAttempt(circuit, readSign({ outcome, durationInMs: attemptInMs, ...answer }), {
      ...attempt,
      now,
    })
    task.tries += 1
    const wait = retryScheduleInMs[task.tries]
    if (task.isGood) delays.push(now - task.arrivedAt)
    else if (wait !== undefined) {
      at(now + wait, () => {
        due.push(task)
        pump()
      })
    }
    pump()
  }

  function arrive(): void {
    const task = { isGood: random() >= refusedShare, arrivedAt: now, tries: 0 }
    if (task.isGood) goodCount += 1
    fresh.push(task)
    pump()
    const next = now - (Math.log(1 - random()) * 1000) / rate
    if (next < minutes * 60_000) at(next, arrive)
  }

  at(0, arrive)
  for (let event = events.pop(); event !== undefined && event.at <= minutes * 60_000; event = events.pop()) {
    now = event.at
    event.run()
  }
  delays.sort((a, b) => a - b)
  return { flow: delays.length / goodCount, medianInMs: delays[Math.floor(delays.length / 2)]! }
}

/** The same numbers each time. */
function createRandom(): () => number {
  let state = 1
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return state / 2 ** 31
  }
}

const rates = [
  { rate: 0.2, minutes: 30 },
  { rate: 1, minutes: 30 },
  { rate: 10, minutes: 5 },
  { rate: 100, minutes: 0.5 },
]
const refusals = [{ status: 404 }, { status: 500 }, { status: 503 }, { errorCode: 'connection_reset' }]

describe('of a stream of tasks of which some are always refused, the others flow', () => {
  test.each(
    rates.flatMap((rate) =>
      refusals.flatMap((refusal) =>
        [0.05, 0.5, 0.8, 0.95].map((refusedShare): Stream => ({
          rate: rate.rate,
          minutes: rate.minutes,
          refusal,
          refusedShare,
        })),
      ),
    ),
  )('$rate a second, $refusedShare refused with $refusal', (stream) => {
    const { flow, medianInMs } = simulate(stream)
    expect(flow).toBeGreaterThanOrEqual(0.8)
    // With one in twenty refused, no other waits; with half of them, few do.
    const isQuick = stream.refusedShare <= 0.5 || stream.refusal.status === 404
    expect(medianInMs).toBeLessThan(isQuick ? 100 : Number.POSITIVE_INFINITY)
  })
})

test('an endpoint that is down gets some probes in ten seconds, and all that waits when it is back', () => {
  let circuit = closedCircuit
  let attempts = 0
  let recoveredAt: number | undefined
  const downUntil = 600_000
  // A new task every 10 ms, so that there are enough to probe with.
  for (let now = 0; now < downUntil + 20_000; now += 10) {
    circuit = letTimePass(circuit, now)
    if (allowance(circuit, maxConcurrency) <= 0) continue
    const attempt = { isFirstTry: true, probeOf: probeOf(circuit) }
    circuit = beginAttempt(circuit)
    if (now < downUntil) attempts += 1
    const sign = now < downUntil ? 'unreachable' : 'alive'
    circuit = endAttempt(circuit, sign, { ...attempt, now })
    if (sign === 'alive') recoveredAt ??= now
  }
  expect(attempts).toBeLessThan(1500)
  expect(recoveredAt! - downUntil).toBeLessThanOrEqual(10_000)
})
