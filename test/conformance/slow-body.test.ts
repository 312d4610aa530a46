import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { exchange, open } from './exchange.ts'
import { receiverNames, receivers } from './receivers.ts'
import { secret, sentAt, signed } from './signed.ts'

describe.each(receiverNames)('%s', (name) => {
  test('waits for a slow body up to its time limit, answers 408, and closes the connection', async () => {
    const handled: string[] = []
    const refused: (string | undefined)[] = []
    await using receiver = await receivers[name]({
      options: { secret, now: () => sentAt.getTime(), bodyTimeoutInMs: 50 },
      handler: ({ event }) => {
        handled.push(event.taskId)
        return 200
      },
      onRefused: (code) => refused.push(code),
    })
    const request = signed({ headers: { connection: 'keep-alive' } })
    const { client, answer } = open(receiver.port, { ...request, chunks: ['{"orderId":'] })
    const closed = once(client, 'close')

    const { status, headers, body } = await answer
    expect({ status, code: JSON.parse(body).code, connection: headers['connection'] }).toEqual({
      status: 408,
      code: 'body_timeout',
      connection: 'close',
    })
    await closed
    expect({ handled, refused }).toEqual({ handled: [], refused: ['body_timeout'] })
  })

  test.each([0, false] as const)(
    'takes a body that comes late with bodyTimeoutInMs: %s',
    async (bodyTimeoutInMs) => {
      await using receiver = await receivers[name]({
        options: { secret, now: () => sentAt.getTime(), bodyTimeoutInMs },
        handler: () => 200,
      })
      expect(await exchange(receiver.port, signed())).toMatchObject({ status: 200 })
    },
  )
})
