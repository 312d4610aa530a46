import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { prepareArrays } from './array-rows.ts'

const sql = "SELECT ? AS z, 2 AS a, NULL AS n, 'text' AS m UNION ALL SELECT 3, 4, 5, 6"
const rows = [
  [1, 2, null, 'text'],
  [3, 4, 5, 6],
]

test('rows are arrays in the order of the columns', () => {
  using database = new DatabaseSync(':memory:')
  expect(prepareArrays(database, sql)(1)).toEqual(rows)
})

test('rows are the same on a Node.js that only makes objects of them', () => {
  using database = new DatabaseSync(':memory:')
  const prepare = (text: string): StatementSync =>
    Object.assign(database.prepare(text), { setReturnArrays: undefined })
  expect(prepareArrays({ prepare }, sql)(1)).toEqual(rows)
})
