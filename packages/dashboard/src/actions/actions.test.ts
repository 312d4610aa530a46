import { setImmediate as turn } from 'node:timers/promises'
import { expect, onTestFinished, test, describe } from 'vitest'
import { channels, type ActionMessage } from '../channels.ts'
import { answers, openTestDashboard, testEndpoint } from '../testing/open-test-dashboard.ts'

function collectActions(): ActionMessage[] {
  const messages: ActionMessage[] = []
  const listener = (message: unknown): void => void messages.push(message as ActionMessage)
  channels.action.subscribe(listener)
  onTestFinished(() => {
    channels.action.unsubscribe(listener)
  })
  return messages
}

const exhausting = testEndpoint('crm', answers.failing, { retryScheduleInMs: [0] })

/** The fields of the form that a preview shows. */
function readForm(text: string): Record<string, string> {
  const inputs = text
    .slice(text.indexOf('<form class="confirm"'))
    .matchAll(/name="([^"]+)"[^>]* value="([^"]*)"/g)
  return Object.fromEntries([...inputs].map(([, name = '', value = '']) => [name, value]))
}

async function exhaustMany(count: number) {
  let answer = answers.failing
  const endpoint = { ...exhausting, retryScheduleInMs: [0], attempt: async () => answer }
  const opened = await openTestDashboard({ endpoints: [endpoint] })
  const records = Array.from({ length: count }, (_, index) => ({
    endpointId: 'crm',
    orderingKey: `task-${index % 3}`,
    type: 'OrderSigned',
    payload: '{}',
  }))
  await opened.outbox.enqueue(records)
  await opened.outbox.idle()
  // The circuit is open after so many failures.
  await opened.outbox.endpoints.resume('crm')
  await opened.outbox.idle()
  return { ...opened, mend: () => (answer = answers.ok) }
}

test('resend, with what it does and to what shown first', async () => {
  const messages = collectActions()
  const { accept, get, outbox, post } = await openTestDashboard({ endpoints: [exhausting] })
  const id = await accept()
  await outbox.idle()
  const { text } = await get(`action?do=resend&outbox=outbox&id=${id}`)
  expect(text).toContain('same id')
  expect(await outbox.deliveries.get(id)).toMatchObject({ attemptCount: 1 })
  const response = await post(readForm(text))
  expect([response.status, response.headers.get('location')]).toEqual([
    303,
    `delivery?outbox=outbox&id=${id}&did=resend`,
  ])
  await outbox.idle()
  expect(await outbox.deliveries.get(id)).toMatchObject({ attemptCount: 2 })
  expect(messages).toEqual([
    { outbox: 'outbox', action: 'resend', actor: 'ada', deliveryId: id, changed: 1, outcome: 'done' },
  ])
})

test('cancel, pause and resume, and what is not there any more', async () => {
  const messages = collectActions()
  const { accept, get, outbox, post } = await openTestDashboard()
  const pause = readForm((await get('action?do=pause&endpoint=crm')).text)
  expect((await post(pause)).headers.get('location')).toBe('./')
  expect(await outbox.endpoints.list()).toMatchObject([{ paused: { reason: 'operator' } }])
  const id = await accept()
  const cancel = readForm((await get(`action?do=cancel&id=${id}`)).text)
  expect((await post(cancel)).status).toBe(303)
  expect(await outbox.deliveries.get(id)).toMatchObject({ state: 'canceled' })
  expect((await post(cancel)).status).toBe(409)
  expect((await post({ do: 'resume', endpoint: 'crm' })).status).toBe(303)
  expect((await post({ do: 'pause', endpoint: 'other' })).status).toBe(409)
  expect((await get('action?do=pause&endpoint=other')).status).toBe(404)
  for (const fields of [
    {},
    { do: 'delete' },
    { do: 'resend' },
    { do: 'pause' },
    { do: 'resend', outbox: 'none', id },
  ]) {
    expect((await post(fields as Record<string, string>)).status).toBe(400)
  }
  expect(messages.map(({ action, changed }) => [action, changed])).toEqual([
    ['pause', 1],
    ['cancel', 1],
    ['cancel', 0],
    ['resume', 1],
    ['pause', 0],
  ])
})

describe('a change that a page of another site asks for', () => {
  test.each([
    [{ origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    [{ origin: 'http://ops.example', 'sec-fetch-site': 'same-site' }],
    [{ origin: 'null' }],
    [{}],
  ])('is refused: %j', async (headers) => {
    const { outbox, post } = await openTestDashboard()
    expect((await post({ do: 'pause', endpoint: 'crm' }, headers as Record<string, string>)).status).toBe(403)
    expect((await outbox.endpoints.list())[0]).not.toHaveProperty('paused')
  })

  test('is refused as a GET, and as a body that is no form', async () => {
    const { dashboard, get, outbox } = await openTestDashboard()
    await get('action?do=pause&endpoint=crm&confirm=1')
    const headers = { origin: 'http://ops.example', 'content-type': 'text/plain' }
    const response = await dashboard(
      new Request('http://ops.example/action', { method: 'POST', headers, body: 'do=pause&endpoint=crm' }),
    )
    expect(response.status).toBe(400)
    expect((await outbox.endpoints.list())[0]).not.toHaveProperty('paused')
  })
})

describe('a change of all that match', () => {
  test('says how many, which tasks and how long it takes, and keeps the order', async () => {
    const messages = collectActions()
    const { get, mend, outbox, post } = await exhaustMany(6)
    const { text } = await get('action?do=resend-all&state=exhausted&endpoint=crm')
    expect(text).toMatch(/<strong>6<\/strong> deliveries match/)
    expect(text).toContain('task?id=task-2')
    expect(text).toContain('1 a second: 6 s')
    mend()
    const before = (await outbox.deliveries.list()).deliveries.map(({ id }) => id)
    const response = await post({ ...readForm(text), perSecond: '1000' })
    const job = response.headers.get('location')!
    expect(job).toMatch(/^job\?id=/)
    await expect.poll(async () => (await get(job)).text).toContain('done, 6 of 6 changed')
    await outbox.idle()
    // A resend takes a new number: the order of numbers is the order accepted.
    const { deliveries } = await outbox.deliveries.list()
    expect(deliveries.map(({ id }) => id)).toEqual(before)
    expect(deliveries.every(({ state }) => state === 'delivered')).toBe(true)
    expect(messages).toEqual([
      {
        outbox: 'outbox',
        action: 'resend',
        actor: 'ada',
        filter: { state: 'exhausted', endpoint: 'crm' },
        changed: 6,
        outcome: 'done',
      },
    ])
  })

  test('of more than a hundred asks for their number to be typed', async () => {
    const { get, outbox, post } = await exhaustMany(101)
    const { text } = await get('action?do=resend-all')
    expect(text).toContain('Type 101 to confirm')
    const form = readForm(text)
    const refused = await post(form)
    expect(refused.status).toBe(409)
    expect(await refused.text()).toContain('not how many match')
    expect((await outbox.deliveries.list({ state: 'exhausted', limit: 200 })).deliveries).toHaveLength(101)
    const confirmed = await post({ ...form, typed: '101', perSecond: '1000' })
    expect(confirmed.status).toBe(303)
    await expect
      .poll(async () => (await get(confirmed.headers.get('location')!)).text)
      .toContain('done, 101 of 101')
  })

  test('can be stopped, and says how far it came', async () => {
    const messages = collectActions()
    const { get, mend, post } = await exhaustMany(5)
    mend()
    const response = await post({ ...readForm((await get('action?do=resend-all')).text), perSecond: '0.1' })
    const job = response.headers.get('location')!
    await expect.poll(async () => (await get(job)).text).toContain('under way, 1 of 5 changed')
    const id = new URLSearchParams(job.slice('job?'.length)).get('id')!
    await post({ do: 'stop', id })
    await expect.poll(async () => (await get(job)).text).toContain('stopped, 1 of 5 changed')
    expect(messages).toMatchObject([{ changed: 1, outcome: 'stopped' }])
    expect((await get('jobs')).text).toContain('stopped, 1 of 5')
  })

  test('cancels the latest first, so that nothing is attempted in between', async () => {
    const attempted: string[] = []
    const endpoint = testEndpoint('crm', answers.failing, {
      retryScheduleInMs: [0, 3_600_000],
      attempt: async ({ id }) => {
        attempted.push(id)
        return answers.failing
      },
    })
    const { accept, get, outbox, post } = await openTestDashboard({ endpoints: [endpoint] })
    for (const eventType of ['OrderCreated', 'OrderSigned', 'OrderExpired']) await accept({ eventType })
    await outbox.idle()
    const response = await post(readForm((await get('action?do=cancel-all&task=task-1')).text))
    await expect
      .poll(async () => (await get(response.headers.get('location')!)).text)
      .toContain('done, 3 of 3 changed')
    await outbox.idle()
    await turn()
    expect(attempted).toHaveLength(1)
  })

  test('asks again when more match than were seen, or the rate cannot be', async () => {
    const { get, outbox, post } = await exhaustMany(2)
    const form = readForm((await get('action?do=resend-all')).text)
    await outbox.enqueue([{ endpointId: 'crm', orderingKey: 'task-9', type: 'OrderSigned', payload: '{}' }])
    await outbox.idle()
    const more = await post(form)
    expect([more.status, await more.text()]).toEqual([
      409,
      expect.stringContaining('More match now') as string,
    ])
    expect((await post({ ...form, expected: '3', perSecond: '0' })).status).toBe(409)
  })
})

test('a delivery that is held is to be acted on: it is found, and resent or canceled in its place', async () => {
  const endpoint = testEndpoint('crm', answers.failing, { retryScheduleInMs: [0], whenExhausted: 'hold' })
  const { accept, get, outbox, post } = await openTestDashboard({ endpoints: [endpoint] })
  const [first, second] = [await accept(), await accept({ eventType: 'OrderExpired' })]
  await outbox.idle()
  const overview = (await get('')).text
  expect(overview).toContain('1 delivery is held at crm')
  expect((await get('deliveries?state=held')).text).toContain(`row-${first}`)
  expect((await get(`delivery?id=${second}`)).text).toContain('behind one held')
  expect((await post(readForm((await get(`action?do=cancel&id=${first}`)).text))).status).toBe(303)
  await outbox.idle()
  expect(await outbox.deliveries.get(second)).toMatchObject({ state: 'held', attemptCount: 1 })
  const all = await post(readForm((await get('action?do=cancel-all&state=held')).text))
  await expect
    .poll(async () => (await get(all.headers.get('location')!)).text)
    .toContain('done, 1 of 1 changed')
})
