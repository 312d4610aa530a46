import { expect, onTestFinished, test } from 'vitest'
import { openInbox, startInbox } from './testing/test-inbox.ts'
import { verified } from './testing/verified.ts'

/** What this process is warned of, code and message. */
function collectWarnings(): string[] {
  const warnings: string[] = []
  const listener = (warning: Error & { code?: string; detail?: string }): void => {
    if (warning.name === 'TaskhookWarning')
      warnings.push(`${warning.code}: ${warning.message} ${warning.detail}`)
  }
  process.on('warning', listener)
  onTestFinished(() => void process.off('warning', listener))
  return warnings
}

test('without a logger, a handler that fails is warned of with its stack, and that it is exhausted', async () => {
  const warnings = collectWarnings()
  const inbox = await startInbox({
    logger: undefined,
    retryScheduleInMs: [0],
    handler: () => {
      throw new TypeError('broken')
    },
  })
  const { id } = await inbox.accept(await verified({ taskId: 'task-1' }))
  await inbox.idle()
  await expect
    .poll(() => warnings)
    .toEqual([
      expect.stringMatching(
        /^TASKHOOK_HANDLER_FAILED: .* task task-1, attempt 1 \(handler_failed: broken\)\. TypeError: broken\n.*create-inbox-warnings/,
      ),
      expect.stringMatching(
        new RegExp(`^TASKHOOK_EXHAUSTED: delivery ${id} .* when the handler works again`),
      ),
    ])
})

test('without a logger, an inbox that accepts and is never started is warned of when it stops', async () => {
  const warnings = collectWarnings()
  const inbox = await openInbox({ logger: undefined })
  await inbox.accept(await verified())
  await inbox.stop()
  await expect
    .poll(() => warnings)
    .toEqual([
      expect.stringMatching(/^TASKHOOK_NOT_STARTED: 1 delivery waits and this inbox was not started/),
    ])
})
