import { describe, expect, test } from 'vitest'
import { afterAttempt, allowance, asOf, closedCircuit, type Circuit } from './circuit-breaker.ts'

const fail = (circuit: Circuit, now: number) => afterAttempt(circuit, false, now)
const succeed = (circuit: Circuit, now: number) => afterAttempt(circuit, true, now)

function opened(now: number): Circuit {
  let circuit = closedCircuit(0)
  for (let count = 0; count < 5; count += 1) circuit = fail(circuit, now)
  return circuit
}

describe('a circuit', () => {
  test('opens at the fifth failure in a row', () => {
    let circuit = closedCircuit(0)
    const states = [1, 2, 3, 4, 5].map((now) => {
      circuit = fail(circuit, now)
      return circuit.state
    })
    expect(states).toEqual(['closed', 'closed', 'closed', 'closed', 'open'])
    expect(circuit).toMatchObject({ since: 5, opensUntil: 5005 })
  })

  test('stays closed when a success comes between', () => {
    let circuit = closedCircuit(0)
    for (let now = 0; now < 100; now += 1)
      circuit = now % 5 === 4 ? succeed(circuit, now) : fail(circuit, now)
    expect(circuit).toMatchObject({ state: 'closed', since: 0 })
  })

  test('lets a probe through after five seconds', () => {
    const circuit = opened(1000)
    expect(asOf(circuit, 5999)).toBe(circuit)
    expect(asOf(circuit, 6000)).toMatchObject({ state: 'half-open', since: 6000 })
  })

  test('stays open twice as long after each probe that fails, five minutes at most', () => {
    let circuit = opened(0)
    const waits = Array.from({ length: 9 }, () => {
      const wait = circuit.opensUntil - circuit.since
      circuit = fail(asOf(circuit, circuit.opensUntil), circuit.opensUntil)
      expect(circuit.state).toBe('open')
      return wait / 1000
    })
    expect(waits).toEqual([5, 10, 20, 40, 80, 160, 300, 300, 300])
  })

  test('closes when a probe succeeds, and begins anew', () => {
    let circuit = fail(asOf(opened(0), 5000), 5000)
    circuit = succeed(asOf(circuit, 15_000), 15_000)
    expect(circuit).toEqual(closedCircuit(15_000))
    for (const now of [1, 2, 3, 4]) circuit = fail(circuit, 15_000 + now)
    expect(circuit.state).toBe('closed')
    expect(fail(circuit, 16_000)).toMatchObject({ state: 'open', opensUntil: 21_000 })
  })

  test('is not kept open longer by what was in flight when it opened, and closes when that succeeds', () => {
    const circuit = opened(1000)
    expect(fail(circuit, 3000)).toBe(circuit)
    expect(succeed(circuit, 3000)).toEqual(closedCircuit(3000))
  })

  test('lets through all, none, or one', () => {
    expect(allowance(closedCircuit(0), 16)).toBe(16)
    expect(allowance(opened(0), 16)).toBe(0)
    expect(allowance(asOf(opened(0), 5000), 16)).toBe(1)
  })
})
