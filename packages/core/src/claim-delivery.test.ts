import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { claimDelivery, type Settle } from './claim-delivery.ts'
import type { DedupeClaim, DedupeStore } from './dedupe-store.ts'
import { memoryDedupe } from './memory-dedupe.ts'

const unavailable = { code: 'dedupe_unavailable', status: 503, expose: false }
const handlingTimeoutInMs = 60_000
const toClaim = { id: 'a', handlingTimeoutInMs }

async function claim(store: DedupeStore): Promise<Settle> {
  const settle = await claimDelivery(store, toClaim)
  if (settle === 'done') throw new Error('expected a claim')
  return settle
}

/** A store with a fault in one of a claim's methods. */
function failing(method: keyof DedupeClaim, cause: unknown): DedupeStore {
  const store = memoryDedupe()
  return {
    ...store,
    async begin(id) {
      const state = await store.begin(id)
      return typeof state === 'string' ? state : { ...state, [method]: () => Promise.reject(cause) }
    },
  }
}

const answering = (answer: unknown): DedupeStore => ({
  ...memoryDedupe(),
  begin: async () => answer as 'done',
})

describe('claimDelivery', () => {
  test('is done once it was settled as a success', async () => {
    const store = memoryDedupe()
    const settle = await claim(store)
    await settle(true)
    expect(await claimDelivery(store, toClaim)).toBe('done')
  })

  test('can be claimed again once it was settled as a failure', async () => {
    const store = memoryDedupe()
    const settle = await claim(store)
    await settle(false)
    expect(await claimDelivery(store, toClaim)).toBeTypeOf('function')
  })

  test('refuses a delivery in progress, and says when to come back', async () => {
    const store = memoryDedupe()
    await claim(store)
    await expect(claimDelivery(store, toClaim)).rejects.toMatchObject({
      code: 'delivery_in_progress',
      status: 409,
      headers: { 'retry-after': '1' },
    })
  })

  test('settles once: a later word does not count', async () => {
    const succeeded = memoryDedupe()
    const settle = await claim(succeeded)
    await settle(true)
    await settle(false)
    expect(await claimDelivery(succeeded, toClaim)).toBe('done')

    const failed = memoryDedupe()
    const settleFailed = await claim(failed)
    await settleFailed(false)
    await claim(failed)
    await settleFailed(true)
    await expect(claimDelivery(failed, toClaim)).rejects.toMatchObject({ code: 'delivery_in_progress' })
  })

  test('commits within the transaction that settling was given', async () => {
    const commit = vi.fn<DedupeClaim['commit']>(async () => {})
    const settle = await claim(answering({ commit, abort: commit, renew: async () => true }))
    const transaction = {}
    await settle(true, { transaction })
    expect(commit).toHaveBeenCalledExactlyOnceWith({ transaction })
  })

  // The handler committed in its transaction and threw before that was: the retry found the claim held until its end.
  test('passes on a failure after a success in a transaction, which may have been rolled back', async () => {
    const calls: string[] = []
    const settle = await claim(
      answering({
        commit: async () => void calls.push('commit'),
        abort: async () => void calls.push('abort'),
        renew: async () => true,
      }),
    )
    await settle(true, { transaction: {} })
    await settle(true)
    await settle(false)
    await settle(false)
    await settle(true, { transaction: {} })
    expect(calls).toEqual(['commit', 'abort'])
  })

  test.each(['commit', 'abort'] as const)('is unavailable when %s fails, with the cause', async (method) => {
    const cause = new Error('connection lost')
    const settle = await claim(failing(method, cause))
    await expect(settle(method === 'commit')).rejects.toMatchObject({ ...unavailable, cause })
  })

  test('is unavailable when begin rejects, or throws', async () => {
    const cause = new Error('no client')
    const store = memoryDedupe()
    for (const begin of [
      () => Promise.reject(cause),
      () => {
        throw cause
      },
    ]) {
      await expect(claimDelivery({ ...store, begin }, toClaim)).rejects.toMatchObject({
        ...unavailable,
        cause,
      })
    }
  })

  // node-redis answers a SET with NX and EX in another form than expected, and every delivery was new.
  test.each([undefined, null, 'new', 'OK', true, 1, {}, { commit() {}, abort() {} }])(
    'fails closed when begin answers %j',
    async (answer) => {
      await expect(claimDelivery(answering(answer), toClaim)).rejects.toMatchObject(unavailable)
    },
  )
})

describe('a claim', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  test('lives as long as its handler, however long a claim is', async () => {
    const store = memoryDedupe({ claimInMs: 300 })
    const settle = await claim(store)
    await vi.advanceTimersByTimeAsync(10_000)
    await expect(claimDelivery(store, toClaim)).rejects.toMatchObject({ code: 'delivery_in_progress' })
    await settle(true)
    expect(await claimDelivery(store, toClaim)).toBe('done')
  })

  test('is renewed no more once it is settled', async () => {
    const renew = vi.fn<DedupeClaim['renew']>(async () => true)
    const settle = await claim(answering({ commit: async () => {}, abort: async () => {}, renew }))
    await vi.advanceTimersByTimeAsync(20_000)
    expect(renew).toHaveBeenCalledTimes(1)
    await settle(true)
    await vi.advanceTimersByTimeAsync(600_000)
    expect(renew).toHaveBeenCalledTimes(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('is renewed also when a store does not say whether it is held', async () => {
    const renew = vi.fn<() => Promise<unknown>>(async () => undefined)
    await claim(answering({ commit: async () => {}, abort: async () => {}, renew }))
    await vi.advanceTimersByTimeAsync(59_999)
    expect(renew).toHaveBeenCalledTimes(2)
  })

  // Nothing said so: a handler that never answers was found by its retries alone.
  test('is let go when its handler does not end, and an operator is told', async () => {
    const emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    onTestFinished(() => emitWarning.mockRestore())
    const store = memoryDedupe({ claimInMs: 300 })
    await claim(store)
    await vi.advanceTimersByTimeAsync(handlingTimeoutInMs)
    expect(emitWarning).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(300)
    expect(await claimDelivery(store, toClaim)).toBeTypeOf('function')
    expect(emitWarning).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('60000 ms'), {
      type: 'TaskhookWarning',
      code: 'TASKHOOK_HANDLER_NOT_ENDED',
      detail: 'delivery a',
    })
  })

  test('is renewed after a renewal that failed, and not after another has it', async () => {
    const renew = vi
      .fn<DedupeClaim['renew']>()
      .mockRejectedValueOnce(new Error('connection lost'))
      .mockResolvedValueOnce(true)
      .mockResolvedValueOnce(false)
    await claim(answering({ commit: async () => {}, abort: async () => {}, renew }))
    await vi.advanceTimersByTimeAsync(59_999)
    expect(renew).toHaveBeenCalledTimes(2)
    await vi.advanceTimersByTimeAsync(600_000)
    expect(renew).toHaveBeenCalledTimes(3)
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('settling', () => {
  test.each<[string, unknown[]]>([
    ['transation', [true, { transation: {} }]],
    ['succeeded', ['false']],
    ['succeeded', []],
  ])('refuses a wrong %s, and the claim is still held', async (option, parameters) => {
    const store = memoryDedupe()
    const settle = await claim(store)
    await expect(Reflect.apply(settle, undefined, parameters)).rejects.toMatchObject({ option })
    await settle(false)
    expect(await claimDelivery(store, toClaim)).toBeTypeOf('function')
  })
})
