import { randomUUID } from 'node:crypto'
import { isEventType, eventTypes, nearestName } from '@taskhook/core'
import { ConfigError, createEndpoint, type AttemptResult } from '@taskhook/sender'
import type { CliContext } from '../../cli-context.ts'
import { CommandError } from '../../command-error.ts'
import { exitCodes } from '../../exit-codes.ts'
import type { JsonFlag } from '../../flags.ts'
import { printable } from '../../output/printable.ts'
import { isUnreached } from './is-unreached.ts'
import { toSection, type SectionFlags } from './to-section.ts'

/** The flags of `send`. */
export interface SendFlags extends SectionFlags, JsonFlag {
  taskId?: string | undefined
  eventType?: string | undefined
  id?: string | undefined
}

/** Makes one attempt at a receiver and says what came of it. */
export async function sendEvent(
  context: CliContext,
  { taskId = randomUUID(), eventType = 'OrderAccepted', id = randomUUID(), json, ...flags }: SendFlags,
  url?: string,
): Promise<void> {
  const { output, now, signal } = context
  if (!isEventType(eventType)) {
    const nearest = nearestName(eventType, eventTypes)
    throw new CommandError('usage_invalid', `there is no such event; the nearest one is ${nearest ?? ''}`)
  }
  const section = await toSection(context, flags, url)
  const endpoint = await createEndpoint(section, { now }).catch((error: unknown) => {
    // Without a configuration it is the command line that is wrong.
    if (flags.config !== undefined || !ConfigError.isInstance(error)) throw error
    throw new CommandError('usage_invalid', error.message, { cause: error.cause })
  })
  try {
    const result = await endpoint.deliver({ id, taskId, eventType }, { signal })
    if (json) output.printJson({ delivery: { id }, taskId, eventType, ...result })
    else printResult(context, result, `${eventType} of task ${printable(taskId)}`)
    if (result.outcome !== 'delivered') {
      context.exitWith(isUnreached(result) ? exitCodes.unavailable : exitCodes.failed)
    }
  } finally {
    await endpoint.close()
  }
}

function printResult({ output }: CliContext, result: AttemptResult, what: string): void {
  const { good, bad, faint } = output.style
  const word = result.outcome === 'delivered' ? good('delivered') : bad('not delivered')
  const why = result.outcome === 'retry' ? [result.errorCode, result.errorMessage] : []
  const answer = [result.status, ...why].filter((part) => part !== undefined && part !== '').join(' ')
  output.print(`${word} ${what}: ${printable(answer)} (${Math.round(result.durationInMs)} ms)`)
  if (result.outcome === 'gone')
    output.print('  410: the receiver wants no more deliveries, and a sender would stop')
  const { response } = result
  if (response === undefined || response.excerpt === '') return
  for (const line of response.excerpt.trimEnd().split('\n').slice(0, 20))
    output.print(`  ${faint(printable(line))}`)
  if (response.truncated) output.print(`  ${faint('…')}`)
}
