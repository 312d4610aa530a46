import { describe, expect, test } from 'vitest'
import type { AttemptReport } from '../delivery.ts'
import {
  abandonAttempt,
  adoptOpen,
  allowance,
  beginAttempt,
  closedCircuit,
  endAttempt,
  letTimePass,
  probeOf,
  readSign,
  type Circuit,
  type Sign,
} from './circuit.ts'

const first = { isFirstTry: true, probeOf: undefined }
const again = { isFirstTry: false, probeOf: undefined }
const alive = endAttempt(closedCircuit, 'alive', { ...first, now: 0 })

/** Fails so often, over that time, from 0 on. */
function fail(circuit: Circuit, sign: Sign, count: number, timeInMs: number, attempt = first): Circuit {
  return Array.from({ length: count }, (_, index) => (index * timeInMs) / (count - 1)).reduce(
    (before, now) => endAttempt(before, sign, { ...attempt, now }),
    circuit,
  )
}

function opened(): Circuit {
  const circuit = fail(alive, 'unreachable', 5, 2000)
  expect(circuit.state).toBe('open')
  return circuit
}

/** Begins a probe; what ends it. */
function beginProbe(circuit: Circuit): {
  circuit: Circuit
  attempt: typeof again | { isFirstTry: boolean; probeOf: number | undefined }
} {
  return { circuit: beginAttempt(circuit), attempt: { isFirstTry: true, probeOf: probeOf(circuit) } }
}

describe('readSign', () => {
  test.each<[what: string, report: Partial<AttemptReport>, sign: Sign]>([
    ['a success', { outcome: 'delivered', status: 204 }, 'alive'],
    ['410, which is an answer', { outcome: 'gone', status: 410 }, 'alive'],
    ['400, which refuses one delivery', { status: 400 }, 'alive'],
    ['404', { status: 404 }, 'alive'],
    ['a redirect that is not followed', { status: 308 }, 'alive'],
    ['429', { status: 429 }, 'failing'],
    ['500', { status: 500 }, 'failing'],
    ['503', { status: 503 }, 'failing'],
    ['no connection', { errorCode: 'connect_refused' }, 'unreachable'],
    ['no answer in time', { errorCode: 'response_timeout' }, 'unreachable'],
    ['an answer that broke off', { status: 200, errorCode: 'response_aborted' }, 'unreachable'],
  ])('%s', (_what, report, sign) => {
    expect(readSign({ outcome: 'retry', durationInMs: 1, ...report })).toBe(sign)
  })
})

describe('a circuit', () => {
  test.each<[what: string, sign: Sign, count: number, timeInMs: number, state: Circuit['state']]>([
    ['five without an answer over two seconds', 'unreachable', 5, 2000, 'open'],
    ['four of them', 'unreachable', 4, 60_000, 'closed'],
    ['a hundred in less time', 'unreachable', 100, 1999, 'closed'],
    ['ten that failed over five seconds', 'failing', 10, 5000, 'open'],
    ['nine of them', 'failing', 9, 60_000, 'closed'],
    ['a thousand in less time', 'failing', 1000, 4999, 'closed'],
  ])('after %s', (_what, sign, count, timeInMs, state) => {
    expect(fail(alive, sign, count, timeInMs).state).toBe(state)
    expect(fail(closedCircuit, sign, count, timeInMs).state).toBe(state)
  })

  test('begins to count anew at every sign of life', () => {
    let circuit = fail(alive, 'unreachable', 4, 60_000)
    circuit = endAttempt(circuit, 'alive', { ...first, now: 60_000 })
    circuit = endAttempt(circuit, 'unreachable', { ...first, now: 60_001 })
    expect(circuit).toMatchObject({ state: 'closed', failures: 1, firstFailureAt: 60_001 })
  })

  // At one a minute, ten tasks that were always refused were all that was seen for long enough, and the good ones waited.
  test('stays closed whatever fails again, once the endpoint was reached', () => {
    expect(fail(alive, 'failing', 1000, 600_000, again).state).toBe('closed')
    // Nothing is known of one that was never reached: all that a process finds may be to be tried again.
    expect(fail(closedCircuit, 'failing', 10, 5000, again).state).toBe('open')
  })

  test('lets three probes through after a second, and no more until they have decided', () => {
    expect(letTimePass(opened(), 2999).state).toBe('open')
    let circuit = letTimePass(opened(), 3000)
    expect(allowance(circuit, 16)).toBe(3)
    expect(allowance(circuit, 2)).toBe(2)
    for (const left of [2, 1, 0]) {
      circuit = beginAttempt(circuit)
      expect(allowance(circuit, 16)).toBe(left)
    }
  })

  test('is open twice as long each time that all probes fail, up to ten seconds, with more probes each time', () => {
    let circuit = opened()
    let now = 2000
    const rounds = Array.from({ length: 7 }, () => {
      const openInMs = circuit.openUntil - now
      now = circuit.openUntil
      circuit = letTimePass(circuit, now)
      const count = allowance(circuit, 100)
      const probes = Array.from({ length: count }, () => {
        const probe = beginProbe(circuit)
        circuit = probe.circuit
        return probe.attempt
      })
      for (const [index, attempt] of probes.entries()) {
        expect(circuit.state, `probe ${index}`).toBe('half-open')
        circuit = endAttempt(circuit, 'unreachable', { ...attempt, now })
      }
      expect(circuit.state).toBe('open')
      return [openInMs, count]
    })
    expect(rounds).toEqual([
      [1000, 3],
      [2000, 4],
      [4000, 5],
      [8000, 6],
      [10_000, 7],
      [10_000, 8],
      [10_000, 9],
    ])
  })

  test.each<['probe' | 'straggler']>([['probe'], ['straggler']])(
    'closes at the first success, of a %s',
    (what) => {
      const { circuit, attempt } = beginProbe(letTimePass(opened(), 3000))
      const ended = endAttempt(circuit, 'alive', { ...(what === 'probe' ? attempt : first), now: 4001 })
      expect(ended).toEqual(alive)
      expect(allowance(ended, 16)).toBe(16)
    },
  )

  // Each of those that were under way when it opened once counted as a probe that failed, and the next ones waited twice as long.
  test('is decided by its probes, and not by what was under way when it opened', () => {
    const open = opened()
    expect(endAttempt(open, 'unreachable', { ...first, now: 2500 })).toBe(open)
    const halfOpen = letTimePass(open, 3000)
    expect(endAttempt(halfOpen, 'unreachable', { ...first, now: 4500 })).toBe(halfOpen)
    const { circuit } = beginProbe(halfOpen)
    expect(endAttempt(circuit, 'unreachable', { ...first, now: 4500 })).toBe(circuit)
  })

  test('gives back the probe of an attempt that this process ended itself', () => {
    const halfOpen = letTimePass(opened(), 3000)
    const { circuit, attempt } = beginProbe(halfOpen)
    expect(abandonAttempt(circuit, attempt)).toEqual(halfOpen)
    expect(abandonAttempt(circuit, first)).toBe(circuit)
  })

  test('goes on where another dispatcher has opened it', () => {
    const circuit = adoptOpen(alive, { openForInMs: 500, openings: 3 }, 1000)
    expect(letTimePass(circuit, 1499).state).toBe('open')
    expect(letTimePass(circuit, 1500)).toMatchObject({ state: 'half-open', openings: 3 })
  })
})
