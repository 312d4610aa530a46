import { expect, test } from 'vitest'
import { hashOrderingKey, partitionOf } from './partition-of.ts'

// Stored in every row: were one of these to change, deliveries of one task would be in two partitions.
test.each([
  ['', 0],
  ['123456789', 0xcb_f4_39_26],
  ['07c6ad8c-5cb5-4a4c-9d1c-6e0c4e2a7f11', 394_728_628],
  ['úkol 🙂', 819_776_806],
])('the hash of "%s" is the CRC-32 of its UTF-8, and its partition the rest', (orderingKey, hash) => {
  expect(hashOrderingKey(orderingKey)).toBe(hash)
  for (const count of [16, 64]) expect(partitionOf(orderingKey, count)).toBe(hash % count)
})

test('tasks are spread over all partitions evenly', () => {
  const counts = Array.from({ length: 16 }, () => 0)
  for (let task = 0; task < 16_000; task += 1) counts[partitionOf(`task ${task}`, 16)]! += 1
  expect(Math.min(...counts)).toBeGreaterThan(850)
  expect(Math.max(...counts)).toBeLessThan(1150)
})
