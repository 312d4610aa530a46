import { expect, test } from 'vitest'
import { createLiveStream } from './live-stream.ts'
import type { LiveEvent } from './live-event.ts'
import { openTestDashboard } from '../testing/open-test-dashboard.ts'

const page = (main: string): LiveEvent => ({ type: 'page', version: 'v', title: 't', main })

function openStream(signal: AbortSignal = new AbortController().signal) {
  let tell: ((event: LiveEvent) => void) | undefined
  let isOpen = false
  const hub = {
    note() {},
    subscribe(_key: string, _render: unknown, listener: (event: LiveEvent) => void) {
      tell = listener
      isOpen = true
      return () => (isOpen = false)
    },
  }
  const stream = createLiveStream(hub, { key: 'a', render: () => Promise.reject(new Error()), signal })
  const reader = stream.getReader()
  const read = async (): Promise<string | undefined> => {
    const { value } = await reader.read()
    return value && new TextDecoder().decode(value)
  }
  return { read, reader, tell: (event: LiveEvent) => tell?.(event), isOpen: () => isOpen }
}

test('is server-sent events', async () => {
  const { read, tell } = openStream()
  expect(await read()).toBe('retry: 1000\n\n')
  tell(page('<p>\r\nevent: away\n\n</p>'))
  expect(await read()).toBe(
    'event: page\ndata: {"version":"v","title":"t","main":"<p>\\r\\nevent: away\\n\\n</p>"}\n\n',
  )
})

test('ends with its request, and when it is not read any more', async () => {
  const aborted = new AbortController()
  const { isOpen, read, tell } = openStream(aborted.signal)
  await read()
  aborted.abort()
  expect([isOpen(), await read()]).toEqual([false, undefined])
  tell(page('late'))
  const other = openStream()
  await other.reader.cancel()
  expect(other.isOpen()).toBe(false)
  expect(openStream(AbortSignal.abort()).isOpen()).toBe(false)
})

test('keeps the latest alone for a browser that does not read', async () => {
  const { read, tell } = openStream()
  for (let index = 0; index < 100; index += 1) tell(page(`${index}`))
  const seen: (string | undefined)[] = []
  for (let index = 0; index < 5; index += 1) seen.push(await read())
  expect(seen.map((text) => /"main":"(\d+)"/.exec(text ?? '')?.[1])).toEqual([undefined, '0', '1', '2', '99'])
})

test('tells the page of an address what it is, and after each change', async () => {
  const { dashboard, get, outbox } = await openTestDashboard()
  const leaving = new AbortController()
  const view = 'deliveries%3Fendpoint%3Dcrm'
  const response = await dashboard(
    new Request(`http://ops.example/live?view=${view}`, { signal: leaving.signal }),
  )
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  const next = async (): Promise<string> => (await reader.read()).value ?? ''
  expect(await next()).toContain('retry')
  const { main } = JSON.parse((await next()).split('data: ')[1]!) as { main: string }
  expect((await get('deliveries?endpoint=crm')).text).toContain(main)
  await outbox.enqueue([{ endpointId: 'crm', orderingKey: 'task-7', type: 'OrderSigned', payload: '{}' }])
  expect(await next()).toContain('task-7')
  leaving.abort()
})
