import { describe, expect, test } from 'vitest'
import { toAbsoluteLinks } from '../../scripts/to-absolute-links.ts'

const tracked = new Set([
  'docs/faults.md',
  'docs/pictures/overview.png',
  'examples/shop/README.md',
  'packages/core/README.md',
])

function rewrite(markdown: string): string {
  return toAbsoluteLinks(markdown, { directory: 'packages/web', tag: 'v1.2.3', tracked })
}

describe('the links of a packed document', () => {
  test('lead to the file on GitHub as it was at the release, with its heading', () => {
    expect(rewrite('See [`core`](../core/README.md#options), [faults](../../docs/faults.md).')).toBe(
      'See [`core`](https://github.com/taskhook/taskhook/blob/v1.2.3/packages/core/README.md#options), ' +
        '[faults](https://github.com/taskhook/taskhook/blob/v1.2.3/docs/faults.md).',
    )
  })

  test('lead to a directory as a directory, and to a picture as its bytes', () => {
    expect(rewrite('[shop](../../examples/shop) ![all](../../docs/pictures/overview.png)')).toBe(
      '[shop](https://github.com/taskhook/taskhook/tree/v1.2.3/examples/shop) ' +
        '![all](https://raw.githubusercontent.com/taskhook/taskhook/v1.2.3/docs/pictures/overview.png)',
    )
  })

  test('stay as they are when they are absolute, within the document, or in code', () => {
    const text = '[a](https://example.org/) [b](#options)\n\n```md\n[c](nothing.md)\n```\n'
    expect(rewrite(text)).toBe(text)
  })

  test('are refused when they lead to what Git does not have', () => {
    expect(() => rewrite('[built](dist/index.js)')).toThrow('dist/index.js leads to nothing that Git has')
  })
})
