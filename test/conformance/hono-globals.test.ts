import { describe, expect, test } from 'vitest'
import { cases } from './cases.ts'
import { runCase } from './run-case.ts'
import { startHono } from './web-receiver.ts'

describe('Hono, with its Request and Response in the place of the global ones, which is its default', () => {
  test.each(cases)('$name', async (one) => {
    expect.hasAssertions()
    await runCase(startHono({ overrideGlobalObjects: true }), one, one.differs?.Hono ?? one.expected)
  })
})
