import { describe, expect, test } from 'vitest'
import { readEndpoints } from './endpoint-settings.ts'

const endpoint = 'https://www.example.org/automation'

describe('the settings of a section', () => {
  test('have its durations in milliseconds, and its key in the URL', () => {
    const [settings] = readEndpoints({
      enabled: true,
      endpoint,
      key: 'site 1',
      connectionTimeout: 'PT1.5S',
      responseTimeout: 'PT1M',
      retrySchedule: ['PT0S', 'P1D'],
      events: ['OrderSigned'],
    })
    expect(settings).toMatchObject({
      id: 'www.example.org/automation',
      url: new URL(`${endpoint}/?key=site%201`),
      connectionTimeoutInMs: 1500,
      responseTimeoutInMs: 60_000,
      retryScheduleInMs: [0, 86_400_000],
      events: new Set(['OrderSigned']),
    })
  })

  test('have the defaults of what is left out', () => {
    const [settings] = readEndpoints({ enabled: true, endpoint })
    expect(settings).toMatchObject({
      key: undefined,
      secret: undefined,
      headers: {},
      connectionTimeoutInMs: 30_000,
      responseTimeoutInMs: 30_000,
      maxConcurrency: 10,
      denyPrivateNetworks: false,
      tls: { useSslTrustAll: true, useSslClientCert: false },
    })
    expect(settings?.events.size).toBe(10)
    expect(settings?.retryScheduleInMs.slice(0, 4)).toEqual([0, 5000, 300_000, 1_800_000])
  })
})

test('sections that are not enabled are left out, and checked all the same', () => {
  const disabled = { enabled: false, endpoint, id: 'none' } as const
  expect(readEndpoints([disabled, { enabled: true, endpoint, id: 'one' }])).toMatchObject([{ id: 'one' }])
  expect(() => readEndpoints([{ ...disabled, responseTimeout: '30' }])).toThrow('webHook[0].responseTimeout')
})
