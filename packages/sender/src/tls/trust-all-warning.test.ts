import { once } from 'node:events'
import { expect, test, vi } from 'vitest'
import { startEndpoint } from '../testing/endpoint.ts'

test('accepting any server certificate is warned of once a process, however many endpoints there are', async () => {
  const warned = vi.fn<(warning: Error) => void>()
  process.on('warning', warned)
  const quiet = { useSslTrustAll: false }
  await startEndpoint('http://www.example.org/1')
  await startEndpoint('https://www.example.org/2', quiet)
  process.emitWarning('the end of what should be quiet')
  await once(process, 'warning')
  expect(warned).toHaveBeenCalledOnce()

  await startEndpoint('https://www.example.org/3')
  await startEndpoint('https://www.example.org/4')
  process.emitWarning('the end')
  await vi.waitUntil(() => warned.mock.lastCall?.[0].message === 'the end')
  expect(warned.mock.calls.map(([warning]) => (warning as NodeJS.ErrnoException).code)).toEqual([
    undefined,
    'TASKHOOK_TLS_TRUST_ALL',
    undefined,
  ])
  process.off('warning', warned)
})
