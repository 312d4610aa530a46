import { expect, test } from 'vitest'
import { findForeignOrigin } from './find-foreign-origin.ts'

const request = (headers: Record<string, string>) =>
  new Request('http://ops.example:8080/resend', { method: 'POST', headers })

test.each<[string, Record<string, string>]>([
  ['both say so', { 'sec-fetch-site': 'same-origin', origin: 'http://ops.example:8080' }],
  ['plain HTTP, where browsers leave Sec-Fetch-Site out', { origin: 'http://ops.example:8080' }],
  ['a proxy that ends TLS', { origin: 'https://ops.example:8080' }],
  ['a proxy that passes the host on', { origin: 'https://public.example', host: 'public.example' }],
  [
    'a proxy that says the host',
    { origin: 'https://public.example', 'x-forwarded-host': 'public.example, inner' },
  ],
  ['a default port that is written out', { origin: 'https://public.example', host: 'public.example:443' }],
  ['a browser that says the site alone', { 'sec-fetch-site': 'same-origin' }],
])('takes a change when %s', (_title, headers) => {
  expect(findForeignOrigin(request(headers))).toBeUndefined()
})

test.each<[string, Record<string, string>]>([
  ['another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
  ['another origin of the same site', { 'sec-fetch-site': 'same-site', origin: 'http://ops.example:8080' }],
  ['an address typed in', { 'sec-fetch-site': 'none' }],
  [
    'a site that differs from the origin',
    { 'sec-fetch-site': 'same-origin', origin: 'https://evil.example' },
  ],
  ['another port', { origin: 'http://ops.example:8081' }],
  ['an opaque origin', { origin: 'null' }],
  ['an origin that is none', { origin: 'ops.example:8080' }],
  ['neither header', {}],
])('refuses a change from %s', (_title, headers) => {
  expect(findForeignOrigin(request(headers))).toEqual(expect.any(String))
})
