import { expect, test } from 'vitest'
import { toLlmsText } from './llms-text.ts'

test('lists each page under its group', () => {
  const site = { title: 'taskhook', description: 'Webhooks for task changes' }
  const groups = [
    { text: 'Start', items: [{ text: 'Send', link: '/docs/start/sender' }] },
    { text: 'Guides', items: [] },
  ]
  expect(toLlmsText(site, groups)).toBe(
    '# taskhook\n\n> Webhooks for task changes\n\n## Start\n\n- [Send](/docs/start/sender)\n\n## Guides\n\n',
  )
})
