import { channels } from '@taskhook/outbox'
import { describe, expect, test } from 'vitest'
import { recordLog } from '@taskhook/outbox/testing'
import { recordWebhooks } from './testing/recorder.ts'
import { startInbox } from './testing/test-inbox.ts'
import { verified } from './testing/verified.ts'
import type { Inbox } from './inbox.ts'

/** A delivery once it is no longer pending. */
async function settled(inbox: Inbox, id: string) {
  for (;;) {
    const change = new Promise<void>((resolve) => {
      const listener = (): void => {
        channels.attempted.unsubscribe(listener)
        resolve()
      }
      channels.attempted.subscribe(listener)
    })
    const found = await inbox.deliveries.get(id)
    if (found!.state !== 'pending') return found!
    await change
  }
}

describe('a handler that fails', () => {
  test('is called again until it succeeds, and is told which attempt it is', async () => {
    const { handler, attempts } = recordWebhooks((_webhook, { attempt }) => {
      if (attempt < 3) throw new TypeError(`attempt ${attempt}`)
    })
    const inbox = await startInbox({ handler })
    const { id } = await inbox.accept(await verified())
    expect(await settled(inbox, id)).toMatchObject({
      state: 'delivered',
      attempts: [
        { number: 1, outcome: 'retry', errorCode: 'handler_failed', errorMessage: 'attempt 1' },
        { number: 2, outcome: 'retry', errorMessage: 'attempt 2' },
        { number: 3, outcome: 'delivered' },
      ],
    })
    expect(attempts).toEqual([1, 2, 3])
  })

  test('each time is exhausted in the end, and lets the next one of its task through', async () => {
    const { handler } = recordWebhooks(({ event }) => {
      if (event.eventType === 'OrderCreated') throw 'no error at all'
    })
    const inbox = await startInbox({ handler })
    const first = await inbox.accept(await verified({ taskId: 'task-1', eventType: 'OrderCreated' }))
    const second = await inbox.accept(await verified({ taskId: 'task-1', eventType: 'OrderSigned' }))
    expect(await settled(inbox, first.id)).toMatchObject({
      state: 'exhausted',
      attemptCount: 4,
      lastAttempt: { errorCode: 'handler_failed' },
    })
    expect(await settled(inbox, second.id)).toMatchObject({ state: 'delivered' })
  })

  test('holds its own task alone with whenExhausted: hold, until an operator has it handled', async () => {
    let isMended = false
    const { handler } = recordWebhooks(({ event }) => {
      if (event.taskId === 'a' && !isMended) throw new Error('broken')
    })
    const inbox = await startInbox({ handler, whenExhausted: 'hold' })
    const accept = async (taskId: string) => (await inbox.accept(await verified({ taskId }))).id
    const [first, second, other] = [await accept('a'), await accept('a'), await accept('b')]
    expect(await settled(inbox, first)).toMatchObject({ state: 'held', attemptCount: 4 })
    expect(await settled(inbox, other)).toMatchObject({ state: 'delivered' })
    expect(await inbox.deliveries.get(second)).toMatchObject({ state: 'pending', waitsFor: 'held' })
    isMended = true
    expect(await inbox.deliveries.resend(first)).toBe(true)
    expect(await settled(inbox, second)).toMatchObject({ state: 'delivered' })
    const { deliveries } = await inbox.deliveries.list({ taskId: 'a', state: 'delivered' })
    expect(deliveries.map(({ id }) => id).toSorted()).toEqual([first, second].toSorted())
  })

  test('is told of with its error, where it was thrown', async () => {
    const { logger, lines } = recordLog()
    const error = new TypeError('broken')
    const { handler } = recordWebhooks((_webhook, { attempt }) => {
      if (attempt === 1) throw error
    })
    const inbox = await startInbox({ handler, logger })
    const { id } = await inbox.accept(await verified())
    await settled(inbox, id)
    expect(lines).toMatchObject([
      { level: 'warn', fields: { id, errorCode: 'handler_failed', err: error } },
      { level: 'debug', message: 'webhook handled' },
    ])
  })

  test('with an error of any length and content is retried all the same', async () => {
    const { handler } = recordWebhooks((_webhook, { attempt }) => {
      if (attempt === 1) throw new Error(`\0\ud800${'x'.repeat(100_000)}`)
    })
    const inbox = await startInbox({ handler })
    const { id } = await inbox.accept(await verified())
    const { state, attempts } = await settled(inbox, id)
    expect(state).toBe('delivered')
    expect(attempts[0]?.errorMessage?.length).toBeLessThanOrEqual(500)
  })
})

describe('a handler that takes too long', () => {
  test('is told by its signal, and is called again', async () => {
    const reasons: unknown[] = []
    const inbox = await startInbox({
      handlerTimeoutInMs: 20,
      handler: async (_webhook, { signal, attempt }) => {
        if (attempt > 1) return
        await new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reasons.push(signal.reason)
            reject(new Error('aborted'))
          })
        })
      },
    })
    const { id } = await inbox.accept(await verified())
    expect(await settled(inbox, id)).toMatchObject({
      state: 'delivered',
      attempts: [{ outcome: 'retry', errorCode: 'attempt_timeout' }, { outcome: 'delivered' }],
    })
    expect(reasons).toMatchObject([{ name: 'TimeoutError' }])
  })

  test('does not count when it succeeds as soon as it is told', async () => {
    const { handler } = recordWebhooks(async (_webhook, { signal, attempt }) => {
      if (attempt > 1) throw new Error('not this time either')
      await new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve())
      })
    })
    const inbox = await startInbox({ handler, handlerTimeoutInMs: 20 })
    const { id } = await inbox.accept(await verified())
    const { state, attempts } = await settled(inbox, id)
    expect(state).toBe('exhausted')
    expect(attempts[0]).toMatchObject({ errorCode: 'attempt_timeout' })
  })

  test('does not count when it ends after all', async () => {
    const late = Promise.withResolvers<void>()
    const again = Promise.withResolvers<void>()
    const inbox = await startInbox({
      handlerTimeoutInMs: 20,
      handler: async (_webhook, { attempt }) => {
        if (attempt === 1) return late.promise
        late.resolve()
        await late.promise
        again.resolve()
        throw new Error('not this time either')
      },
    })
    const { id } = await inbox.accept(await verified())
    await again.promise
    const { state, attempts } = await settled(inbox, id)
    expect(state).toBe('exhausted')
    expect(attempts[0]).toMatchObject({ errorCode: 'attempt_timeout' })
  })
})

test('a handler that is under way when the inbox stops may end within the time limit', async () => {
  const started = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  const inbox = await startInbox({
    handler: async () => {
      started.resolve()
      await gate.promise
    },
  })
  const { id } = await inbox.accept(await verified())
  await started.promise
  const message = new Promise<unknown>((resolve) => {
    channels.delivered.subscribe(resolve)
  })
  const stopped = inbox.stop()
  gate.resolve()
  expect(await message).toMatchObject({ id })
  await stopped
})

test('at most as many handlers run at once as it says, each of another task', async () => {
  let running = 0
  let most = 0
  const gate = Promise.withResolvers<void>()
  const inbox = await startInbox({
    maxConcurrency: 3,
    handler: async () => {
      running += 1
      most = Math.max(most, running)
      if (running === 3) setImmediate(() => gate.resolve())
      await gate.promise
      running -= 1
    },
  })
  for (let index = 0; index < 6; index += 1) await inbox.accept(await verified({ taskId: `task-${index}` }))
  await inbox.idle()
  expect(most).toBe(3)
})

test('what the schema of today does not take is tried again, and says why', async () => {
  const { handler, webhooks } = recordWebhooks()
  const inbox = await startInbox({ handler })
  const webhook = await verified({ taskId: 'task-1' })
  const { id } = await inbox.accept({
    ...webhook,
    rawBody: Buffer.from('{"taskId":"task-1","eventType":"OrderFramed"}'),
  })
  expect(await settled(inbox, id)).toMatchObject({
    state: 'exhausted',
    lastAttempt: { errorCode: 'event_type_unknown' },
  })
  expect(webhooks).toEqual([])
})
