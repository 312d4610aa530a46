import { expect, test } from 'vitest'
import { nearestName } from './nearest-name.ts'
import { webHookKeys } from './web-hook-schema.ts'

test.each([
  ['endpont', 'endpoint'],
  ['url', 'id'],
  ['conectTimeout', 'connectionTimeout'],
  ['CONNECTIONTIMEOUT', 'connectionTimeout'],
  ['sslTrustAll', 'useSslTrustAll'],
  ['secrets', 'secret'],
  ['__proto__', 'secret'],
])('the known key nearest to %s is %s', (name, nearest) => {
  expect(nearestName(name, webHookKeys)).toBe(nearest)
})
