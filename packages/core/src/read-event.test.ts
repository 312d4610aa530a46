import { expect, test } from 'vitest'
import * as z from 'zod'
import { readEvent } from './read-event.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const read = async (text: string): Promise<unknown> => readEvent(bytes(text))

test('reads a task event, and what a schema makes', async () => {
  expect(await read('{"taskId":"1","eventType":"OrderSigned"}')).toEqual({
    taskId: '1',
    orderId: '1',
    eventType: 'OrderSigned',
  })
  const schema = z.object({ at: z.coerce.date() })
  const event = await readEvent(bytes('\uFEFF{"at":"2026-11-29","__proto__":{"a":1}}'), schema)
  expect(event).toEqual({ at: new Date('2026-11-29') })
})

test.each([
  ['', 'body_empty'],
  ['{', 'body_not_json'],
  ['{"taskId":"1"}', 'payload_invalid'],
  ['{"taskId":"1","orderId":"2","eventType":"OrderSigned"}', 'task_id_mismatch'],
  ['{"taskId":"1","eventType":"OrderFramed"}', 'event_type_unknown'],
])('refuses %j as %s', async (text, code) => {
  await expect(read(text)).rejects.toMatchObject({ code })
})
