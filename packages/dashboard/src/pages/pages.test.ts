import { OutboxError } from '@taskhook/outbox'
import { describe, expect, test } from 'vitest'
import { answers, openTestDashboard, testEndpoint } from '../testing/open-test-dashboard.ts'

const hour = 3_600_000
const failing = (id: string) => testEndpoint(id, answers.failing, { retryScheduleInMs: [0, hour] })

const record = (index: number) => ({
  endpointId: 'crm',
  orderingKey: `task-${index}`,
  type: 'OrderSigned',
  payload: '{}',
})
/** The tasks that a list shows, in its order. */
const tasks = (text: string) => [...text.matchAll(/href="task\?id=([^"]+)"/g)].map(([, id]) => id)
const away = async (): Promise<never> => {
  throw new OutboxError('ledger_unavailable', 'connect ECONNREFUSED postgres://user:secret@db')
}

/** The text of a page, as it is read. */
const read = (text: string) =>
  text
    .slice(text.indexOf('<main'))
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')

describe('the overview', () => {
  test('says that nothing is broken', async () => {
    const { get } = await openTestDashboard()
    const { text } = await get('')
    expect(read(text)).toContain('Nothing is broken')
    expect(text).toContain('<title>All is well')
  })

  test('says what to act on: an endpoint that is paused, what was exhausted, what no process delivers', async () => {
    const { accept, get, outbox } = await openTestDashboard({
      endpoints: [
        testEndpoint('crm', answers.ok),
        testEndpoint('erp', answers.failing, { retryScheduleInMs: [0] }),
      ],
    })
    await outbox.endpoints.pause('crm')
    await accept({ endpointId: 'crm' })
    await accept({ endpointId: 'erp' })
    await accept({ endpointId: 'former' })
    await outbox.idle()
    const { text } = await get('')
    expect(read(text)).toMatch(
      /To act on: 3 .*crm has been paused.*1 delivery is pending.*No process delivers to former.*1 of outbox exhausted/,
    )
    expect(text).toContain('href="deliveries?outbox=outbox&amp;state=exhausted"')
  })

  test('has all outboxes, each with its endpoints', async () => {
    const [first, second] = [
      await openTestDashboard(),
      await openTestDashboard({ endpoints: [failing('erp')] }),
    ]
    const { get } = await openTestDashboard({
      outbox: [
        { name: 'sent', outbox: first.outbox },
        { name: 'received', outbox: second.outbox },
      ],
    })
    expect(read((await get('')).text)).toMatch(/ sent .* crm .* received .* erp /)
  })
})

describe('the list of deliveries', () => {
  test('shows what the address asks for, and the form has it', async () => {
    const { accept, get, outbox } = await openTestDashboard({
      endpoints: [testEndpoint('crm', answers.ok), failing('erp')],
    })
    await accept({ taskId: 'a' })
    await accept({ taskId: 'b', endpointId: 'erp', eventType: 'OrderExpired' })
    await outbox.idle()
    const { text } = await get(
      'deliveries?state=pending&endpoint=erp&task=b&event=OrderExpired&from=2020-01-01T00:00',
    )
    expect(read(text)).toMatch(/OrderExpired b erp pending for its retry at .* 1 500/)
    expect(text).toContain('<option value="erp" selected>')
    expect(text).toContain('value="OrderExpired"')
    expect(read((await get('deliveries?task=a&state=pending')).text)).toContain('No delivery matches.')
  })

  test('says what cannot be in an address, and offers no action then', async () => {
    const { accept, get } = await openTestDashboard()
    await accept()
    const { text } = await get('deliveries?from=yesterday')
    expect(read(text)).toContain('“yesterday” is no time')
    expect(text).not.toContain('resend-all')
    expect((await get('action?do=resend-all&from=yesterday')).status).toBe(400)
    expect((await get('deliveries?outbox=none')).status).toBe(404)
  })

  test('comes in pages', async () => {
    const { get, outbox } = await openTestDashboard()
    await outbox.enqueue(Array.from({ length: 60 }, (_, index) => record(index)))
    await outbox.idle()
    const first = (await get('deliveries?state=delivered')).text
    const next = /rel="next" href="([^"]+)"/.exec(first)![1]!.replaceAll('&amp;', '&')
    const second = (await get(next)).text
    expect([...tasks(first), ...tasks(second)]).toEqual(
      Array.from({ length: 60 }, (_, index) => `task-${59 - index}`),
    )
    expect(second).not.toContain('rel="next"')
  })
})

describe('a task', () => {
  test('has its events in their order, each endpoint, and why one waits and until when', async () => {
    const { get, outbox } = await openTestDashboard({
      endpoints: [testEndpoint('crm', answers.ok), failing('erp')],
    })
    const ids: string[] = []
    for (const type of ['OrderCreated', 'OrderSigned']) {
      const one = { orderingKey: 'x/1', type, payload: '{}' }
      const accepted = await outbox.enqueue([
        { ...one, endpointId: 'crm' },
        { ...one, endpointId: 'erp' },
      ])
      ids.push(...accepted.map(({ id }) => id))
    }
    await outbox.idle()
    const { text } = await get('task?id=x%2F1')
    expect(read(text)).toMatch(
      /Event crm erp OrderCreated .* delivered .* pending for its retry at \d{4}.* 1 attempt.*status 500.*next attempt.* OrderSigned .* delivered .* pending for its turn .* earlier delivery of this task/,
    )
    const { nextAttemptAt } = (await outbox.deliveries.get(ids[1]!))!
    expect(text).toContain(`datetime="${nextAttemptAt!.toISOString()}"`)
    expect(text).toMatch(/<rect class="failed"/)
  })

  test('is found by the id of a delivery too, which receivers log', async () => {
    const { accept, get } = await openTestDashboard()
    const id = await accept()
    expect((await get(`task?id=${id}`)).text).toContain(`href="delivery?outbox=outbox&amp;id=${id}"`)
    expect(await get('task?id=other')).toMatchObject({ status: 404 })
  })
})

describe('a delivery', () => {
  test('has its body, each attempt, what went wrong and what to do, and the request as a command', async () => {
    const { accept, get, outbox } = await openTestDashboard({ endpoints: [failing('crm')] })
    const id = await accept({ payload: '{"taskId":"task-1"}' })
    await outbox.idle()
    const { text } = await get(`delivery?id=${id}`)
    expect(read(text)).toMatch(
      /Attempt 1: failed .* status 500 .*The receiver failed with status 500\. Look at the logs.* no disk .*text\/html/,
    )
    expect(text).toContain('{&quot;taskId&quot;:&quot;task-1&quot;}')
    expect(text).toContain(`--header &#39;webhook-id: ${id}&#39;`)
  })

  test("shows a receiver's answer as text, whatever it holds", async () => {
    const hostile = '"><img src=x onerror=alert(1)><script>alert(2)</script></pre>'
    const answer = {
      ...answers.failing,
      errorMessage: hostile,
      errorCode: hostile,
      response: { headers: { [hostile]: hostile }, excerpt: hostile, truncated: false },
    }
    const { accept, get, outbox } = await openTestDashboard({
      endpoints: [testEndpoint('crm', answer, { retryScheduleInMs: [0] })],
    })
    const id = await accept({ taskId: hostile, eventType: hostile, payload: hostile })
    await outbox.idle()
    for (const path of [
      '',
      'deliveries',
      `delivery?id=${id}`,
      `task?id=${encodeURIComponent(hostile)}`,
      `action?do=resend&id=${id}`,
    ]) {
      expect((await get(path)).text).not.toMatch(/<img|<script>|onerror=alert\(1\)>/)
    }
  })

  test('shows of payload and answer what the hook leaves', async () => {
    const { accept, get, outbox } = await openTestDashboard({
      endpoints: [failing('crm')],
      redact: (text, { part, taskId }) => text.replaceAll(/alert|personal/g, `[${part} of ${taskId}]`),
    })
    const id = await accept({ payload: 'personal data' })
    await outbox.idle()
    const { text } = await get(`delivery?id=${id}`)
    expect(text).toContain('[payload of task-1] data')
    expect(text).toContain('[answer of task-1](1)')
    expect(text).not.toMatch(/personal|alert/)
  })
})

test('an outbox that does not answer is said so, on every page', async () => {
  const { outbox } = await openTestDashboard()
  const { get } = await openTestDashboard({
    outbox: {
      ...outbox,
      deliveries: { ...outbox.deliveries, list: away, get: away },
      endpoints: { ...outbox.endpoints, list: away },
    },
  })
  for (const path of ['', 'deliveries', 'task?id=1', 'delivery?id=1', 'action?do=pause&endpoint=crm']) {
    const { status, text } = await get(path)
    expect(status).toBe(503)
    expect(text).toContain('does not answer')
    expect(text).not.toContain('secret')
  }
})

test('the overview draws attempts over time, those that failed beside those that delivered', async () => {
  const { accept, get, outbox } = await openTestDashboard({
    endpoints: [testEndpoint('crm', answers.ok), failing('erp')],
  })
  await accept()
  await accept({ taskId: 'other' })
  await accept({ endpointId: 'erp' })
  await outbox.idle()
  const { text } = await get('')
  expect(read(text)).toMatch(/Attempts since .* 2 delivered , 1 failed/)
  expect(text).toMatch(
    /<rect class="delivered" [^>]*height="\d\d" \/><rect class="failed" [^>]*height="\d\d" \/>/,
  )
})
