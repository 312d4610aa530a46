import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createAttemptsUnderWay } from './under-way.ts'

beforeEach(
  () => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'performance'] }),
)
afterEach(() => void vi.useRealTimers())

describe('attempts under way', () => {
  test('are timed out each at its own time, in the order in which they began', async () => {
    const expired: string[] = []
    const underWay = createAttemptsUnderWay(1000)
    const begin = (name: string) => underWay.begin(() => void expired.push(name))
    begin('first')
    await vi.advanceTimersByTimeAsync(300)
    const second = begin('second')
    await vi.advanceTimersByTimeAsync(300)
    begin('third')
    underWay.end(second)
    await vi.advanceTimersByTimeAsync(399)
    expect(expired).toEqual([])
    await vi.advanceTimersByTimeAsync(2)
    expect(expired).toEqual(['first'])
    await vi.advanceTimersByTimeAsync(598)
    expect(expired).toEqual(['first'])
    await vi.advanceTimersByTimeAsync(2)
    expect(expired).toEqual(['first', 'third'])
  })

  test('have their whole time when one before them ended early', async () => {
    const expired: number[] = []
    const underWay = createAttemptsUnderWay(1000)
    underWay.end(underWay.begin(() => expired.push(1)))
    await vi.advanceTimersByTimeAsync(900)
    underWay.begin(() => expired.push(2))
    await vi.advanceTimersByTimeAsync(999)
    expect(expired).toEqual([])
    await vi.advanceTimersByTimeAsync(2)
    expect(expired).toEqual([2])
  })

  test('have one timer, however many there are', () => {
    const underWay = createAttemptsUnderWay(1000)
    for (let count = 0; count < 1000; count += 1) underWay.begin(() => {})
    expect(vi.getTimerCount()).toBe(1)
  })

  test('are over when the last one has ended', async () => {
    const underWay = createAttemptsUnderWay(1000)
    const [first, second] = [underWay.begin(() => {}), underWay.begin(() => {})]
    const ended = underWay.ended()
    underWay.end(second)
    underWay.end(first)
    await expect(ended).resolves.toBeUndefined()
  })

  test('may be ended once more, without another one coming back', async () => {
    const expired: string[] = []
    const underWay = createAttemptsUnderWay(1000)
    const first = underWay.begin(() => expired.push('first'))
    const second = underWay.begin(() => expired.push('second'))
    underWay.end(first)
    underWay.end(second)
    underWay.end(first)
    await underWay.ended()
    await vi.advanceTimersByTimeAsync(2000)
    expect(expired).toEqual([])
  })

  test('are over when the last one has timed out', async () => {
    const over = vi.fn<() => void>()
    const underWay = createAttemptsUnderWay(1000)
    await underWay.ended()
    underWay.begin(() => {})
    const second = underWay.begin(() => {})
    void underWay.ended().then(over)
    underWay.end(second)
    await vi.advanceTimersByTimeAsync(999)
    expect(over).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(2)
    expect(over).toHaveBeenCalledOnce()
  })
})
