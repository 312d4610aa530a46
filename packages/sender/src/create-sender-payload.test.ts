import { verifySignature } from '@taskhook/core'
import { createOutbox, sqliteLedger } from '@taskhook/outbox'
import { expect, onTestFinished, test } from 'vitest'
import { startReceiver } from './testing/receiver.ts'
import { event, outboxFile, section, startSender } from './testing/sender.ts'

test('what is stored is what is posted and signed, byte for byte', async () => {
  const { url, requests } = await startReceiver()
  const sender = await startSender(section(url, { id: 'one', secret: 'a secret' }))
  const { id } = (await sender.send({ ...event, taskId: 'a "\u00e4\u2713"' })).deliveries[0]!
  await sender.idle()
  const [{ body, request }] = requests as [(typeof requests)[0]]
  expect(body.toString()).toBe((await sender.deliveries.get(id))?.payload)
  expect(verifySignature(body, String(request.headers['x-signature']), 'a secret')).toBe(true)
})

test('what another version has stored is posted as it is', async () => {
  const { url, requests } = await startReceiver()
  const ledger = sqliteLedger({ file: await outboxFile() })
  onTestFinished(() => ledger.close())
  await startSender(section(url, { id: 'one', secret: 'a secret' }), { outbox: ledger })
  const payload = '{ "taskId": "\u00e4\u2713", "eventType": "OrderSigned" }\n'
  await createOutbox({ ledger }).enqueue([
    { endpointId: 'one', orderingKey: 'a', type: 'OrderSigned', payload },
  ])
  await expect.poll(() => requests.map(({ body }) => body.toString())).toEqual([payload])
  const [{ body, request }] = requests as [(typeof requests)[0]]
  expect(verifySignature(body, String(request.headers['x-signature']), 'a secret')).toBe(true)
})

test('what was tried has a hint of what to do', async () => {
  const moved = await startReceiver((_request, response) =>
    response.writeHead(308, { location: 'https://example.org/hooks' }).end(),
  )
  const missing = await startReceiver((_request, response) => response.writeHead(404).end())
  const options = { retrySchedule: ['PT0S', 'P1D'] }
  const sender = await startSender([
    section(moved.url, { id: 'moved', ...options }),
    section(missing.url, { id: 'missing', key: 'site-1', ...options }),
    section(missing.url.replace('http:', 'https:'), { id: 'plain', ...options }),
  ])
  const { deliveries } = await sender.send(event)
  await sender.idle()
  const found = await Promise.all(deliveries.map(({ id }) => sender.deliveries.get(id)))
  expect(found.map((one) => one?.attempts[0]?.errorMessage)).toEqual([
    expect.stringContaining('redirects are not followed: set "endpoint" to https://example.org/hooks'),
    expect.stringContaining('must take it with the slash'),
    expect.stringContaining('the port does not speak TLS: write http:// in "endpoint"'),
  ])
  expect(found.map((one) => one?.lastAttempt)).toEqual([
    { status: 308 },
    { status: 404 },
    { errorCode: 'tls_failed' },
  ])
})
