import { expect, test } from 'vitest'
import { attemptAt } from './testing-endpoint.ts'
import { startReceiver } from './testing-receiver.ts'
import { withoutKey } from './without-key.ts'

test.each([
  ['as a URL has it', '/automation/?key=s%C3%A4cret%20one'],
  ['as a form has it', '/automation/?key=s%C3%A4cret+one'],
  ['as it is', 'säcret one is not known here'],
])('a key that the receiver says again, %s, is not kept of the answer', (_title, text) => {
  const response = { headers: { location: text, date: 'today' }, excerpt: `see ${text}`, truncated: false }
  const result = withoutKey(
    { outcome: 'retry', status: 404, durationInMs: 1, response, errorMessage: text },
    'säcret one',
  )
  const clean = text.replace(/s.*one/v, '***')
  expect(result).toEqual({
    outcome: 'retry',
    status: 404,
    durationInMs: 1,
    response: { headers: { location: clean, date: 'today' }, excerpt: `see ${clean}`, truncated: false },
    errorMessage: clean,
  })
})

test('an endpoint with a key keeps what the receiver answers without it', async () => {
  const { url } = await startReceiver((request, response) => {
    response.writeHead(308, { location: `https://elsewhere.example${request.url}` }).end(request.url)
  })
  expect(await attemptAt(url, { key: 'the-key' })).toMatchObject({
    outcome: 'retry',
    response: {
      headers: { location: 'https://elsewhere.example/automation/?key=***' },
      excerpt: '/automation/?key=***',
    },
  })
})

test('an attempt without an answer has nothing added', () => {
  const failed = { outcome: 'retry', durationInMs: 1, errorCode: 'dns_failed' } as const
  expect(withoutKey(failed as never, 'key')).toEqual(failed)
})
