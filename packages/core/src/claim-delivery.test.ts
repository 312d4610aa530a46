import { describe, expect, test } from 'vitest'
import { claimDelivery, type Settle } from './claim-delivery.ts'
import type { DedupeStore } from './dedupe-store.ts'
import { memoryDedupe } from './memory-dedupe.ts'

const unavailable = { code: 'dedupe_unavailable', status: 503, expose: false }

async function claim(store: DedupeStore): Promise<Settle> {
  const settle = await claimDelivery(store, 'a')
  if (settle === 'done') throw new Error('expected a claim')
  return settle
}

function failing(method: keyof DedupeStore, cause: unknown): DedupeStore {
  return { ...memoryDedupe(), [method]: async () => Promise.reject(cause) }
}

describe('claimDelivery', () => {
  test('is done once it was settled as a success', async () => {
    const store = memoryDedupe()
    const settle = await claim(store)
    await settle(true)
    expect(await claimDelivery(store, 'a')).toBe('done')
  })

  test('can be claimed again once it was settled as a failure', async () => {
    const store = memoryDedupe()
    const settle = await claim(store)
    await settle(false)
    expect(await claimDelivery(store, 'a')).toBeTypeOf('function')
  })

  test('refuses a delivery in progress, and says when to come back', async () => {
    const store = memoryDedupe()
    await claim(store)
    await expect(claimDelivery(store, 'a')).rejects.toMatchObject({
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
    expect(await claimDelivery(succeeded, 'a')).toBe('done')

    const failed = memoryDedupe()
    const settleFailed = await claim(failed)
    await settleFailed(false)
    await claim(failed)
    await settleFailed(true)
    await expect(claimDelivery(failed, 'a')).rejects.toMatchObject({ code: 'delivery_in_progress' })
  })

  test('remembers for longer than the 76 hours that Standard Webhooks senders retry', async () => {
    let timeInMs = 0
    const store = memoryDedupe({ now: () => timeInMs })
    await (
      await claim(store)
    )(true)
    timeInMs = 76 * 60 * 60 * 1000
    expect(await claimDelivery(store, 'a')).toBe('done')
  })

  test.each(['begin', 'commit', 'abort'] as const)(
    'is unavailable when %s fails, with the cause',
    async (method) => {
      const cause = new Error('connection lost')
      const handle = async (): Promise<void> => (await claim(failing(method, cause)))(method !== 'abort')
      await expect(handle()).rejects.toMatchObject({ ...unavailable, cause })
    },
  )

  test('is unavailable when the store throws rather than rejects', async () => {
    const store: DedupeStore = {
      ...memoryDedupe(),
      begin: () => {
        throw new Error('no client')
      },
    }
    await expect(claimDelivery(store, 'a')).rejects.toMatchObject(unavailable)
  })
})
