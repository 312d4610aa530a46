import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { toSiteLink, toSitePage } from './site-links.ts'

const root = path.resolve(import.meta.dirname, '../../..')

test.each([
  ['README.md', 'index.md'],
  ['packages/core/README.md', 'packages/core/index.md'],
  ['docs/operators.md', 'docs/operators.md'],
])('%s is the page %s', (file, page) => {
  expect(toSitePage(file)).toBe(page)
})

describe('a link', () => {
  test.each([
    ['packages/core/README.md', '../outbox/README.md#errors', '/packages/outbox/#errors'],
    ['packages/core/README.md', '../../README.md', '/'],
    ['packages/core/README.md', '../../docs/operators.md', '/docs/operators'],
    ['README.md', 'LICENSE', 'https://github.com/taskhook/taskhook/blob/main/LICENSE'],
    ['README.md', 'packages/core/', 'https://github.com/taskhook/taskhook/blob/main/packages/core'],
    ['README.md', '#more', '#more'],
    ['README.md', 'https://www.rfc-editor.org/rfc/rfc9457', 'https://www.rfc-editor.org/rfc/rfc9457'],
  ])('of %s to %s leads to %s', (file, link, expected) => {
    expect(toSiteLink(link, { file, root })).toBe(expected)
  })

  test('to a file that is not there is refused', () => {
    expect(() => toSiteLink('lost.md', { file: 'README.md', root })).toThrow('README.md links to lost.md')
  })
})
