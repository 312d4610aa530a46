import { describe, expect, test } from 'vitest'
import type { Settlement, SettleAnswer } from '../ledger.ts'
import { OutboxError } from '../outbox-error.ts'
import { createTestClock } from '../testing/test-clock.ts'
import { toOwnedPartition } from './owned-partition.ts'
import { createSettler } from './settler.ts'

function openSettler(answers: (SettleAnswer | OutboxError)[]) {
  const clock = createTestClock()
  const partition = toOwnedPartition({ endpointId: 'one', partition: 0, epoch: 1 })
  const written: Settlement[][] = []
  const settler = createSettler({
    memberId: () => 'first',
    clock,
    onFailure: () => {},
    ledger: {
      async settle(_dispatcherId, settlements) {
        const answer = answers.shift() ?? 'delivered'
        if (typeof answer !== 'string') throw answer
        written.push([...settlements])
        return settlements.map((_, index) => (index === 0 ? answer : 'delivered'))
      },
    },
  })
  const settle = (number: number) => settler.settle(toSettlement(number), partition)
  return {
    clock,
    partition,
    settle,
    settler,
    written,
    numbers: () => written.map((group) => group.map(({ number }) => number)),
  }
}

function toSettlement(number: number): Settlement {
  return {
    endpointId: 'one',
    partition: 0,
    epoch: 1,
    number,
    tries: 0,
    state: 'delivered',
    attempt: { startedAgoInMs: 5, durationInMs: 1, outcome: 'delivered' },
  }
}

const failure = new OutboxError('ledger_unavailable', 'no luck')

describe('a settler', () => {
  test('writes the next group when one is committed, and before that is on the disk', async () => {
    const clock = createTestClock()
    const groups: { numbers: number[]; commit: () => void; end: () => void }[] = []
    const settler = createSettler({
      memberId: () => 'first',
      clock,
      onFailure: () => {},
      ledger: {
        async settle(_dispatcherId, settlements, onCommit) {
          const disk = Promise.withResolvers<void>()
          const numbers = settlements.map(({ number }) => number)
          groups.push({ numbers, commit: () => onCommit?.(), end: disk.resolve })
          await disk.promise
          return settlements.map(() => 'delivered')
        },
      },
    })
    const partition = toOwnedPartition({ endpointId: 'one', partition: 0, epoch: 1 })
    const ended: number[] = []
    const settle = async (number: number): Promise<void> => {
      await settler.settle(toSettlement(number), partition)
      ended.push(number)
    }
    const settled = [settle(1)]
    await clock.quiet()
    settled.push(settle(2), settle(3))
    await clock.quiet()
    expect(groups.map(({ numbers }) => numbers)).toEqual([[1]])
    groups[0]!.commit()
    await clock.quiet()
    expect(groups.map(({ numbers }) => numbers)).toEqual([[1], [2, 3]])
    expect(ended).toEqual([])
    for (const { end } of groups) end()
    await Promise.all(settled)
    expect(ended).toEqual([1, 2, 3])
  })

  test('writes what ends together in one commit', async () => {
    const { numbers, settle } = openSettler([])
    expect(await Promise.all([settle(1), settle(2), settle(3)])).toEqual([
      'delivered',
      'delivered',
      'delivered',
    ])
    expect(numbers()).toEqual([[1, 2, 3]])
  })

  test('tries again what the ledger did not take, and says when the attempt began as of then', async () => {
    const { clock, settle, written } = openSettler([failure, failure])
    const settled = settle(1)
    await clock.advance(1000)
    expect(await settled).toBe('delivered')
    expect(written[0]![0]!.attempt.startedAgoInMs).toBe(5 + 250 + 500)
  })

  test('tries a row that is locked again by itself, and lets the others pass', async () => {
    const { clock, numbers, settle } = openSettler(['locked', 'delivered'])
    const [locked, other] = [settle(1), settle(2)]
    expect(await other).toBe('delivered')
    await clock.advance(250)
    expect(await locked).toBe('delivered')
    expect(numbers()).toEqual([[1, 2], [1]])
  })

  test('writes nothing for a partition that was lost', async () => {
    const { clock, partition, settle, written } = openSettler([failure])
    const settled = settle(1)
    await clock.quiet()
    partition.isLost = true
    await clock.advance(250)
    expect(await settled).toBe('lost')
    expect(written).toEqual([])
  })

  test('gives up when it is told to, or when the ledger was closed', async () => {
    const told = openSettler([failure, failure])
    const settled = told.settle(1)
    await told.clock.quiet()
    told.settler.giveUp()
    expect(await settled).toBe('lost')

    const closed = openSettler([new OutboxError('ledger_closed', 'closed')])
    expect(await closed.settle(1)).toBe('lost')
  })
})
