import { describe, expect, test } from 'vitest'
import { attemptAt } from '../testing/endpoint.ts'
import { startReceiver } from '../testing/receiver.ts'
import { createConcealKey } from './conceal-key.ts'

const key = `säcret/"one" & 'two'`
const conceal = createConcealKey(key)

describe('a key that the receiver says again is concealed', () => {
  test.each([
    ['as it is', key],
    ['as a URL has it', 's%C3%A4cret%2F%22one%22%20%26%20%27two%27'.replaceAll('%27', "'")],
    ['in lower case', "s%c3%a4cret%2f%22one%22%20%26%20'two'"],
    ['as a form has it', new URLSearchParams({ key }).toString().slice(4)],
    ['in a URL within a URL', encodeURIComponent(encodeURIComponent(key))],
    ['as JSON has it', JSON.stringify(key).slice(1, -1)],
    ['as HTML has it', 'säcret/&quot;one&quot; &amp; &#39;two&#39;'],
  ])('%s', (_title, form) => {
    expect(conceal(`see /automation/?key=${form}&a=b and ${form}`)).toBe(
      'see /automation/?key=***&a=b and ***',
    )
  })

  test('at the end of what was cut, as far as it goes', () => {
    expect(conceal('see säcret/"o', { isCut: true })).toBe('see ')
    expect(conceal('see säcret/"o')).toBe('see säcret/"o')
    expect(conceal('see s%C3%A', { isCut: true })).toBe('see ')
  })
})

test('of an endpoint with a key nothing that is stored has it', async () => {
  const { url } = await startReceiver((request, response) => {
    response.writeHead(308, { location: `https://elsewhere.example${request.url}`, 'x-url': request.url })
    response.end(request.url)
  })
  const result = await attemptAt(url, { key: 'the-key' })
  expect(result).toMatchObject({
    outcome: 'retry',
    errorMessage: expect.stringContaining('https://elsewhere.example/automation/?key=***') as string,
    response: {
      headers: { location: 'https://elsewhere.example/automation/?key=***', 'x-url': '/automation/?key=***' },
      excerpt: '/automation/?key=***',
    },
  })
  expect(JSON.stringify(result)).not.toContain('the-key')
})
