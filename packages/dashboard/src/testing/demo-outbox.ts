import { createOutbox, sqliteLedger, type AttemptReport, type Outbox } from '@taskhook/outbox'
import { onTestFinished } from 'vitest'
import { testEndpoint, answers } from './open-test-dashboard.ts'

/** When everything in a {@link createDemoOutbox} happened. */
export const demoTime: number = Date.parse('2026-11-29T08:30:00Z')

/** What a receiver answers that means no good. */
export const hostileAnswer = `<script>alert('run')</script><img src="https://evil.example/x.png" onerror="alert('run')">`

const refusing: AttemptReport = {
  outcome: 'retry',
  durationInMs: 412,
  status: 401,
  errorMessage: 'the receiver refuses the request: both sides need the same "secret", and clocks that agree',
  response: {
    headers: { 'content-type': 'text/html', server: 'nginx' },
    excerpt: hostileAnswer,
    truncated: false,
  },
}

const hour = 3_600_000
const lifecycle = ['OrderCreated', 'OrderAccepted', 'OrderSigned'] as const

/** An outbox with a day's worth of trouble in it, the same in each run but for the ids: some delivered, some waiting, some exhausted, one endpoint paused. */
export async function createDemoOutbox(): Promise<Outbox> {
  const ledger = sqliteLedger({ file: ':memory:', now: () => now })
  let now = demoTime
  const outbox = createOutbox({
    ledger,
    random: () => 0.5,
    endpoints: [
      testEndpoint('crm', answers.ok),
      testEndpoint('archive', refusing, { retryScheduleInMs: [0, hour] }),
      testEndpoint('billing', answers.failing, { retryScheduleInMs: [0] }),
      testEndpoint('reports', answers.ok),
    ],
  })
  await outbox.endpoints.pause('reports')
  await outbox.start()
  onTestFinished(async () => {
    await outbox.stop({ timeoutInMs: 0 })
    await ledger.close()
  })
  for (const [index, taskId] of ['07c6ad8c-5a9e', '3f0e91d2-77b1', 'b81c4e60-0d3a'].entries()) {
    for (const [step, type] of lifecycle.entries()) {
      now = demoTime + (index * 3 + step) * 20_000
      const payload = `{"orderId":"${taskId}","eventType":"${type}","taskId":"${taskId}"}`
      const endpointIds = ['crm', 'archive', index === 2 ? 'reports' : 'billing']
      await outbox.enqueue(
        endpointIds.map((endpointId) => ({
          id: `${taskId}-${type}-${endpointId}`,
          endpointId,
          orderingKey: taskId,
          type,
          payload,
        })),
      )
      await outbox.idle()
    }
  }
  return outbox
}
