import { describe, expect, test } from 'vitest'
import type { AttemptedMessage, DeliveryMessage } from './channels.ts'
import { createDispatcher, type DispatcherOptions } from './dispatcher.ts'
import { OutboxError } from './outbox-error.ts'
import { openTestLedger } from './sqlite/testing-sqlite.ts'
import { answered, createTestEndpoint, delivered } from './testing-attempts.ts'
import { collectMessages } from './testing-messages.ts'
import { openTestOutbox } from './testing-outbox.ts'

describe('createDispatcher', () => {
  const good = createTestEndpoint()

  test.each<[what: string, options: Partial<DispatcherOptions>, message: RegExp]>([
    ['leaseInMs of 0', { leaseInMs: 0 }, /leaseInMs/],
    ['leaseInMs that is no whole number', { leaseInMs: 1000.5 }, /leaseInMs/],
    ['retentionInMs without end', { retentionInMs: Number.POSITIVE_INFINITY }, /retentionInMs/],
    ['an endpoint without an id', { endpoints: [{ ...good, id: '' }] }, /id must be/],
    ['two endpoints with one id', { endpoints: [good, { ...good }] }, /id one is there twice/],
    ['maxConcurrency of 0', { endpoints: [{ ...good, maxConcurrency: 0 }] }, /maxConcurrency/],
    ['maxConcurrency of 1.5', { endpoints: [{ ...good, maxConcurrency: 1.5 }] }, /maxConcurrency/],
    ['no retry schedule', { endpoints: [{ ...good, retryScheduleInMs: [] }] }, /retryScheduleInMs/],
    ['a negative wait', { endpoints: [{ ...good, retryScheduleInMs: [0, -1] }] }, /retryScheduleInMs/],
    [
      'a wait that is none',
      { endpoints: [{ ...good, retryScheduleInMs: [Number.NaN] }] },
      /retryScheduleInMs/,
    ],
  ])('refuses %s', (_what, options, message) => {
    const create = () => createDispatcher({ ledger: openTestLedger(), endpoints: [good], ...options })
    expect(create).toThrow(OutboxError)
    expect(create).toThrow(expect.objectContaining({ code: 'option_invalid' }))
    expect(create).toThrow(message)
  })
})

describe('a dispatcher', () => {
  test('publishes each attempt once it is written down, and how a delivery ended', async () => {
    const { clock, enqueue, startDispatcher } = openTestOutbox()
    const attempted = collectMessages<AttemptedMessage>('attempted')
    const ended = {
      delivered: collectMessages<DeliveryMessage>('delivered'),
      exhausted: collectMessages<DeliveryMessage>('exhausted'),
    }
    const failure = answered(500)
    const endpoint = createTestEndpoint({
      answer: ({ delivery: { id, tries } }) => (id === 'good' && tries === 1 ? delivered : failure),
    })
    await enqueue('good', 'bad')
    await startDispatcher({ endpoints: [endpoint] })
    await clock.advance(1000)
    const [good, bad] = ['good', 'bad'].map((id) => ({
      id,
      endpointId: 'one',
      orderingKey: id,
      type: 'OrderSigned',
    }))
    expect(attempted).toEqual([
      { ...good, try: 1, report: failure },
      { ...bad, try: 1, report: failure },
      { ...good, try: 2, report: delivered },
      { ...bad, try: 2, report: failure },
    ])
    expect(ended).toEqual({ delivered: [good], exhausted: [bad] })
  })
})
