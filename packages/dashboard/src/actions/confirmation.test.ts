import { expect, test } from 'vitest'
import { findDoubt, parseRate, wordToType } from './confirmation.ts'

const form = (fields: Record<string, string>) => new URLSearchParams(fields)
const matching = (count: number) => ({ count, isMore: false })

test('a hundred need a button, more need their number', () => {
  expect([wordToType({ count: 100 }), wordToType({ count: 101 })]).toEqual([undefined, '101'])
})

test.each<[string, number, Record<string, string>, boolean]>([
  ['a button for a few', 100, { expected: '100' }, true],
  ['fewer than were seen', 90, { expected: '100' }, true],
  ['more than were seen', 101, { expected: '100' }, false],
  ['nothing left', 0, { expected: '100' }, false],
  ['a form without the number seen', 5, {}, false],
  ['many, typed', 101, { expected: '101', typed: ' 101 ' }, true],
  ['many, typed as they were seen', 150, { expected: '160', typed: '160' }, true],
  ['many, not typed', 101, { expected: '101' }, false],
  ['many, typed wrong', 101, { expected: '101', typed: '11' }, false],
  ['a number seen that is none', 5, { expected: 'x' }, false],
])('%s', (_title, count, fields, isConfirmed) => {
  expect(findDoubt(matching(count), form(fields)) === undefined).toBe(isConfirmed)
})

test.each([
  [null, 10],
  ['', 10],
  ['0.5', 0.5],
  ['1000', 1000],
  ['0', undefined],
  ['-1', undefined],
  ['1001', undefined],
  ['many', undefined],
])('a rate of %j is %j', (text, rate) => {
  expect(parseRate(text)).toBe(rate)
})
