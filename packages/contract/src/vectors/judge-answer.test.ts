import { describe, expect, test } from 'vitest'
import { isForAnyReceiver, judgeAnswer } from './judge-answer.ts'
import type { ReceiverVector } from './receiver-vector.ts'
import { receiverVectors } from './receiver-vectors.ts'

const vectors = receiverVectors({ now: new Date(), secret: 's', key: 'k', path: '/' })

function named(name: string): ReceiverVector {
  return vectors.find((one) => one.name === name) as ReceiverVector
}

describe('judgeAnswer', () => {
  test.each([
    ['x-signature', 202, 'passed'],
    ['x-signature', 401, 'failed'],
    ['x-signature', 302, 'failed'],
    ['event-unknown-ignored', 400, 'failed'],
    ['forged', 401, 'passed'],
    ['forged', 400, 'advised'],
    ['forged', 200, 'failed'],
    ['forged', 410, 'failed'],
  ])('of %s answered with %i: %s', (name, status, result) => {
    const verdict = judgeAnswer(named(name), status)
    expect(verdict.result).toBe(result)
    expect('advice' in verdict).toBe(result !== 'passed')
  })
})

const fits = (name: string): boolean => isForAnyReceiver(named(name), 's')

test('isForAnyReceiver leaves out what needs another set-up', () => {
  expect(['x-signature', 'forged', 'replay-too-old'].map(fits)).toEqual([true, true, true])
  const others = [
    'rotation-previous',
    'key',
    'inbox-away',
    'event-unknown-refused',
    'standard-secret',
    'ed25519',
  ]
  expect(others.map(fits)).not.toContain(true)
})
