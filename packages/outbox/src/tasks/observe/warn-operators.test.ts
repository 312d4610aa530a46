import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Notice } from './notice.ts'
import { warnOperators, type WarningOptions } from './warn-operators.ts'
import { keepCause } from './report-cause.ts'
import { inboxWording, senderWording } from './wording.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const minuteInMs = 60_000
const exhausted = (id: string, endpointId = 'one'): Notice => ({
  kind: 'exhausted',
  id,
  endpointId,
  taskId: `task of ${id}`,
  eventType: 'OrderSigned',
})

function start(options: Partial<WarningOptions> = {}) {
  const warnings: { code: string; message: string }[] = []
  const details: string[] = []
  const listeners = new Set<(notice: Notice) => void>()
  const end = warnOperators(
    (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    {
      wording: senderWording,
      ...options,
      emitWarning: (message, { code, detail }) => {
        warnings.push({ code, message })
        if (detail !== undefined) details.push(detail)
      },
    },
  )
  const tell = (notice: Notice): void => {
    for (const listener of listeners) listener(notice)
  }
  return { warnings, details, tell, end }
}

describe('without a logger', () => {
  test('10,000 deliveries that are exhausted are two warnings, the second of which says how many', () => {
    const { warnings, tell } = start()
    for (let index = 0; index < 10_000; index += 1) tell(exhausted(`delivery ${index}`))
    vi.advanceTimersByTime(10 * minuteInMs)
    expect(warnings).toMatchObject([
      {
        code: 'TASKHOOK_EXHAUSTED',
        message: expect.stringContaining('delivery delivery 0 of task') as string,
      },
      { code: 'TASKHOOK_EXHAUSTED', message: expect.stringContaining('9999 more') as string },
    ])
  })

  test('what is held is said to be held, and how its task goes on', () => {
    const { warnings, tell } = start({ wording: inboxWording })
    for (const id of ['a', 'b', 'c']) tell({ ...exhausted(id), isHeld: true } as Notice)
    vi.advanceTimersByTime(minuteInMs)
    expect(warnings).toMatchObject([
      { code: 'TASKHOOK_HELD', message: expect.stringMatching(/^delivery a .* is held: .*cancel/) as string },
      { code: 'TASKHOOK_HELD', message: expect.stringMatching(/^2 more .* are held: .*'held'/) as string },
    ])
  })

  test('there is one a minute and endpoint while it goes on, and none when it is over', () => {
    const { warnings, tell } = start()
    for (let minute = 0; minute < 5; minute += 1) {
      for (const endpointId of ['one', 'two']) {
        tell(exhausted('a', endpointId))
        tell(exhausted('b', endpointId))
      }
      vi.advanceTimersByTime(minuteInMs)
    }
    expect(warnings).toHaveLength(2 + 2 * 5)
    vi.advanceTimersByTime(100 * minuteInMs)
    expect(warnings).toHaveLength(12)
  })

  test('what was counted is said when the sender stops, and nothing after', () => {
    const { warnings, tell, end } = start()
    for (const id of ['a', 'b', 'c']) tell(exhausted(id))
    end()
    expect(vi.getTimerCount()).toBe(0)
    tell(exhausted('d'))
    vi.advanceTimersByTime(10 * minuteInMs)
    expect(warnings).toHaveLength(2)
    expect(warnings[1]?.message).toContain('2 more')
  })

  test('a circuit is worth a warning when it has been open for five minutes', () => {
    const { warnings, tell } = start()
    tell({ kind: 'circuit-opened', endpointId: 'one' })
    tell({ kind: 'circuit-opened', endpointId: 'two' })
    vi.advanceTimersByTime(4 * minuteInMs)
    tell({ kind: 'circuit-closed', endpointId: 'two' })
    // Each probe that fails opens it again, and it has been open all the while.
    tell({ kind: 'circuit-opened', endpointId: 'one' })
    vi.advanceTimersByTime(minuteInMs - 1)
    expect(warnings).toEqual([])
    vi.advanceTimersByTime(20 * minuteInMs)
    expect(warnings).toMatchObject([
      {
        code: 'TASKHOOK_CIRCUIT_OPEN',
        message: expect.stringContaining('one has failed for 5 minutes') as string,
      },
    ])
  })

  test.each<[Notice, string, string]>([
    [{ kind: 'gone', endpointId: 'one' }, 'TASKHOOK_GONE', 'endpoints.resume'],
    [{ kind: 'nothing-enabled' }, 'TASKHOOK_NOTHING_ENABLED', '"enabled"'],
    [{ kind: 'not-started', pending: 3 }, 'TASKHOOK_NOT_STARTED', '3 deliveries wait'],
  ])('%j is %s', (notice, code, part) => {
    const { warnings, tell } = start()
    tell(notice)
    expect(warnings).toMatchObject([{ code, message: expect.stringContaining(part) as string }])
  })

  test('what an inbox says is of its handler', () => {
    const { warnings, tell } = start({ wording: inboxWording })
    tell(exhausted('a'))
    tell({ kind: 'not-started', pending: 1 })
    expect(warnings).toMatchObject([
      { message: expect.stringContaining('when the handler works again') as string },
      { message: expect.stringContaining('this inbox was not started') as string },
    ])
  })

  test('a handler that fails is said once a minute, with the stack of the first error', () => {
    const { warnings, details, tell } = start({ wording: inboxWording })
    const result = {
      outcome: 'retry',
      durationInMs: 1,
      errorCode: 'handler_failed',
      errorMessage: 'why',
    } as const
    keepCause(result, new TypeError('why'))
    const facts = { id: 'a', endpointId: 'inbox', taskId: 't', eventType: 'OrderSigned' }
    for (let number = 1; number <= 3; number += 1) {
      tell({ kind: 'attempted', ...facts, number, result, nextAttemptAt: 0 })
    }
    tell({ kind: 'attempted', ...facts, number: 4, result: { outcome: 'delivered', durationInMs: 1 } })
    vi.advanceTimersByTime(minuteInMs)
    expect(warnings).toEqual([
      {
        code: 'TASKHOOK_HANDLER_FAILED',
        message:
          'the handler of inbox failed for task t, attempt 1 (handler_failed: why); it is called again.',
      },
      { code: 'TASKHOOK_HANDLER_FAILED', message: 'the handler of inbox failed 2 more times.' },
    ])
    expect(details).toEqual([expect.stringContaining('warn-operators.test.ts')])
  })

  test("nothing is said of what is no operator's business", () => {
    const { warnings, tell } = start()
    const result = { outcome: 'retry', durationInMs: 1, status: 500 } as const
    const facts = { id: 'a', endpointId: 'one', taskId: 't', eventType: 'OrderSigned' }
    tell({ kind: 'accepted', ...facts })
    tell({ kind: 'attempted', ...facts, number: 1, result })
    tell({ kind: 'ledger-failed', error: new Error('why') })
    expect(warnings).toEqual([])
  })
})
