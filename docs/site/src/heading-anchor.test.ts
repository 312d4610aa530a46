import { expect, test } from 'vitest'
import { toHeadingAnchor } from './heading-anchor.ts'

test.each([
  ['What it promises', 'what-it-promises'],
  ['1. One process: SQLite', '1-one-process-sqlite'],
  ['node:http', 'nodehttp'],
  ["In the application's own transaction", 'in-the-applications-own-transaction'],
  ['Next.js – app/route.ts', 'nextjs--approutets'],
  ['key_missing', 'key_missing'],
  ['Größe', 'größe'],
])('the heading %j has the anchor %j, as on GitHub', (heading, anchor) => {
  expect(toHeadingAnchor(heading)).toBe(anchor)
})
