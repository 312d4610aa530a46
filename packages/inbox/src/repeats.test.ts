import type { VerifiedWebhook } from '@taskhook/core'
import { describe, expect, test } from 'vitest'
import { recordWebhooks } from './testing/recorder.ts'
import { openInbox, startInbox } from './testing/test-inbox.ts'
import { verified } from './testing/verified.ts'

describe('a repeat', () => {
  test('is told by its signed id, has the id of the first, and is not handled again', async () => {
    const { handler, webhooks } = recordWebhooks()
    const inbox = await startInbox({ handler })
    const first = await inbox.accept(await verified({ id: 'msg_1', taskId: 'task-1' }))
    const concurrent = await Promise.all(
      [1, 2, 3].map(async () => inbox.accept(await verified({ id: 'msg_1', taskId: 'task-1' }))),
    )
    await inbox.idle()
    expect(await inbox.accept(await verified({ id: 'msg_1', taskId: 'task-1' }))).toEqual({
      id: first.id,
      isRepeat: true,
    })
    expect(concurrent).toEqual(concurrent.map(() => ({ id: first.id, isRepeat: true })))
    await inbox.idle()
    expect(webhooks).toHaveLength(1)
  })

  test('of several at once is every one but the first', async () => {
    const inbox = await openInbox()
    const webhook = await verified({ id: 'msg_1' })
    const accepted = await Promise.all(Array.from({ length: 10 }, () => inbox.accept(webhook)))
    expect(accepted.filter(({ isRepeat }) => !isRepeat)).toHaveLength(1)
    expect(new Set(accepted.map(({ id }) => id)).size).toBe(1)
  })

  test('is one whatever its ?key= says, which is not signed', async () => {
    const inbox = await openInbox()
    const secret = 'a secret that both sides share'
    const accept = async (key: string) =>
      inbox.accept(await verified({ id: 'msg_1', key }, { secret: () => secret }))
    expect(await accept('north')).toMatchObject({ isRepeat: false })
    expect(await accept('south')).toMatchObject({ isRepeat: true })
  })

  test('is none of the same id of another holder of a secret', async () => {
    const inbox = await openInbox()
    const accept = async (secret: string) =>
      inbox.accept(await verified({ id: 'msg_1', secret }, { secret: () => secret }))
    expect(await accept('the secret of north')).toMatchObject({ isRepeat: false })
    expect(await accept('the secret of south')).toMatchObject({ isRepeat: false })
    expect(await accept('the secret of north')).toMatchObject({ isRepeat: true })
  })

  test('is none by its body: two events may be the same', async () => {
    const inbox = await openInbox()
    for (const id of ['msg_1', 'msg_2']) {
      expect(await inbox.accept(await verified({ id, taskId: 'task-1' }))).toMatchObject({ isRepeat: false })
    }
  })

  test('is told of ids of any length', async () => {
    const inbox = await openInbox()
    for (const id of ['a', 'b'].map((last) => 'x'.repeat(5000) + last)) {
      expect(await inbox.accept(await verified({ id }))).toMatchObject({ isRepeat: false })
      expect(await inbox.accept(await verified({ id }))).toMatchObject({ isRepeat: true })
    }
  })
})

describe('a webhook with X-Signature alone', () => {
  const plain = { standardWebhooks: false, taskId: 'task-1' }

  test('is accepted each time', async () => {
    const inbox = await openInbox()
    for (let time = 0; time < 2; time += 1) {
      expect(await inbox.accept(await verified(plain))).toMatchObject({ isRepeat: false })
    }
  })

  test('is a repeat by what idOf gives, which is not asked of one with a signed id', async () => {
    const asked: VerifiedWebhook[] = []
    const inbox = await openInbox({
      idOf: (webhook) => {
        asked.push(webhook)
        return webhook.event.eventType === 'OrderSigned' ? webhook.event.taskId : undefined
      },
    })
    const signed = { ...plain, eventType: 'OrderSigned' } as const
    expect(await inbox.accept(await verified(signed))).toMatchObject({ isRepeat: false })
    expect(await inbox.accept(await verified(signed))).toMatchObject({ isRepeat: true })
    for (let time = 0; time < 2; time += 1) {
      expect(await inbox.accept(await verified(plain))).toMatchObject({ isRepeat: false })
    }
    expect(asked).toHaveLength(4)
    expect(await inbox.accept(await verified({ id: 'task-1', eventType: 'OrderSigned' }))).toMatchObject({
      isRepeat: false,
    })
    expect(asked).toHaveLength(4)
  })

  // Each of them had the same text as the next one of its kind, so the second webhook was taken for a repeat, and lost.
  test.each([null, '', 0, { id: 1 }, Promise.resolve('id')])('is refused when idOf gives %j', async (id) => {
    const inbox = await openInbox({ idOf: () => id as never })
    await expect(inbox.accept(await verified(plain))).rejects.toMatchObject({
      code: 'option_invalid',
      option: 'idOf',
    })
    expect((await inbox.deliveries.list({})).deliveries).toEqual([])
  })
})
