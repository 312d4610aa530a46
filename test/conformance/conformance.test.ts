import { describe, expect, test } from 'vitest'
import { cases } from './cases.ts'
import { receiverNames, receivers } from './receivers.ts'
import { runCase } from './run-case.ts'

describe.each(receiverNames)('%s', (name) => {
  test.each(cases)('$name', async (one) => {
    expect.hasAssertions()
    await runCase(receivers[name], one, one.differs?.[name] ?? one.expected)
  })
})
