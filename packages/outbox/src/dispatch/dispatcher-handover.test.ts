import { describe, expect, test } from 'vitest'
import { createTestEndpoint, delivered } from '../testing/test-endpoint.ts'
import { openTestOutbox } from '../testing/test-outbox.ts'

const second = 1000
const leaseInMs = 15 * second
const ids = (count: number, prefix = ''): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`)

describe('dispatchers on one ledger', () => {
  // It learned that partitions are free while it still took itself for the owner of one, and nothing ever delivered that.
  test('take back what becomes their share again while they give it back', async () => {
    const { clock, enqueue, ledger, startOutbox } = openTestOutbox()
    const answers: (() => void)[] = []
    const dispatch = {
      ...ledger.dispatch,
      async release(...given: Parameters<typeof ledger.dispatch.release>) {
        await ledger.dispatch.release(...given)
        await new Promise<void>((resolve) => void answers.push(resolve))
      },
    }
    const endpoint = createTestEndpoint({ answer: () => delivered })
    await startOutbox({ ledger: { ...ledger, dispatch }, endpoints: [endpoint], leaseInMs })
    const other = await startOutbox({ endpoints: [createTestEndpoint()], leaseInMs })
    expect(answers).toHaveLength(1)
    await other.stop()
    await clock.advance(6 * second)
    answers[0]!()
    await enqueue(...ids(20))
    expect(endpoint.attempted()).toEqual(ids(20))
  })
})
