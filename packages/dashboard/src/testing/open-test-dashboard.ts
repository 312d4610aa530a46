import {
  createOutbox,
  sqliteLedger,
  type AttemptReport,
  type EndpointSpec,
  type Outbox,
} from '@taskhook/outbox'
import { onTestFinished } from 'vitest'
import { createDashboard, type Dashboard, type DashboardOptions } from '../create-dashboard.ts'

/** An outbox in memory, a dashboard over it, and what a test does with them. */
export interface TestDashboard {
  outbox: Outbox
  dashboard: Dashboard
  /** Accepts an event of a task, `OrderSigned` of `task-1` at `crm` if nothing else is said; resolves to the delivery's id. */
  accept: (given?: {
    taskId?: string
    eventType?: string
    endpointId?: string
    payload?: string
  }) => Promise<string>
  /** Gets a page; resolves to its status and text. */
  get: (
    path: string,
    headers?: Record<string, string>,
  ) => Promise<{ status: number; text: string; response: Response }>
  /** Posts a form, as a browser does from a page of this dashboard, unless the headers say otherwise. */
  post: (fields: Record<string, string>, headers?: Record<string, string>) => Promise<Response>
}

/** What an endpoint of a test answers. */
export const answers: Readonly<Record<'ok' | 'failing', AttemptReport>> = {
  ok: { outcome: 'delivered', durationInMs: 12, status: 204 },
  failing: {
    outcome: 'retry',
    durationInMs: 34,
    status: 500,
    errorMessage: 'no disk',
    response: {
      headers: { 'content-type': 'text/html' },
      excerpt: '<script>alert(1)</script>',
      truncated: true,
    },
  },
}

/** An endpoint that answers always the same. */
export function testEndpoint(
  id: string,
  answer: AttemptReport,
  given: Partial<EndpointSpec> = {},
): EndpointSpec {
  return { id, maxConcurrency: 4, retryScheduleInMs: [0, 60_000], attempt: async () => answer, ...given }
}

/** Opens a dashboard for operators over an outbox that is started, with the endpoint `crm`, which takes everything. */
export async function openTestDashboard(
  options: Partial<DashboardOptions> & { endpoints?: readonly EndpointSpec[] } = {},
): Promise<TestDashboard> {
  const { endpoints = [testEndpoint('crm', answers.ok)], ...given } = options
  const ledger = sqliteLedger({ file: ':memory:' })
  const outbox = createOutbox({ ledger, endpoints })
  await outbox.start()
  onTestFinished(async () => {
    await outbox.stop({ timeoutInMs: 0 })
    await ledger.close()
  })
  const dashboard = createDashboard({ outbox, access: () => ({ level: 'operate', actor: 'ada' }), ...given })
  return {
    outbox,
    dashboard,
    async accept({ taskId = 'task-1', eventType = 'OrderSigned', endpointId = 'crm', payload = '{}' } = {}) {
      const record = { endpointId, orderingKey: taskId, type: eventType, payload }
      return (await outbox.enqueue([record]))[0]!.id
    },
    async get(path, headers = {}) {
      const response = await dashboard(new Request(`http://ops.example/${path}`, { headers }))
      return { status: response.status, text: await response.text(), response }
    },
    post: (fields, headers = { origin: 'http://ops.example', 'sec-fetch-site': 'same-origin' }) =>
      dashboard(
        new Request('http://ops.example/action', {
          method: 'POST',
          headers,
          body: new URLSearchParams(fields),
        }),
      ),
  }
}
