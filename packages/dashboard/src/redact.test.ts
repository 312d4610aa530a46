import { expect, test } from 'vitest'
import { createRedact } from './redact.ts'

const context = {
  part: 'payload',
  outbox: 'o',
  endpointId: 'e',
  taskId: 't',
  eventType: 'OrderSigned',
} as const

test('shows what the hook leaves, and everything without one', () => {
  expect(createRedact(undefined)('a secret', context)).toBe('a secret')
  expect(createRedact((text, { part }) => text.replace('secret', part))('a secret', context)).toBe(
    'a payload',
  )
})

test('hides everything when the hook fails or returns nothing', () => {
  const failing = createRedact((text) => {
    throw new Error(text)
  })
  expect(failing('a secret', context)).not.toContain('secret')
  expect(createRedact(() => undefined as never)('a secret', context)).not.toContain('secret')
})
