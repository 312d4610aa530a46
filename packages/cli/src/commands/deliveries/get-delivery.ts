import type { CliContext } from '../../cli-context.ts'
import { CommandError } from '../../command-error.ts'
import type { JsonFlag, OutboxFlags } from '../../flags.ts'
import { printable } from '../../output/printable.ts'
import { toTable } from '../../output/table.ts'
import { withDeliveries } from '../../outbox/with-deliveries.ts'
import { describeAttempt } from '../../render/describe-attempt.ts'
import { describeWait } from '../../render/describe-wait.ts'
import { formatMoment } from '../../render/format-moment.ts'
import { paintState } from '../../render/paint-state.ts'

/** Prints one delivery: what it is, its payload, and each attempt with the answer. */
export async function getDelivery(
  context: CliContext,
  flags: OutboxFlags & JsonFlag,
  id: string,
): Promise<void> {
  const { output } = context
  const delivery = await withDeliveries(context, flags, (deliveries) => deliveries.get(id))
  if (delivery === undefined) throw new CommandError('not_found', `there is no delivery "${printable(id)}"`)
  if (flags.json) return output.printJson(delivery)

  const { style } = output
  const wait = describeWait(delivery, context.now())
  const facts = [
    ['task', printable(delivery.taskId)],
    ['event', printable(delivery.eventType)],
    ['endpoint', printable(delivery.endpointId)],
    ['state', paintState(delivery.state, style) + (wait === undefined ? '' : `, ${wait}`)],
    ['accepted', formatMoment(delivery.acceptedAt)],
    ...(delivery.settledAt === undefined ? [] : [['ended', formatMoment(delivery.settledAt)]]),
    ...(delivery.idempotencyKey === undefined ? [] : [['key', printable(delivery.idempotencyKey)]]),
    ['id', printable(delivery.id)],
    ['payload', printable(delivery.payload)],
  ]
  for (const line of toTable(facts.map(([name = '', value = '']) => [style.faint(name), value])))
    output.print(line)
  for (const attempt of delivery.attempts) {
    output.print(`attempt ${attempt.number}  ${formatMoment(attempt.startedAt)}  ${describeAttempt(attempt)}`)
    const { response } = attempt
    if (response === undefined) continue
    for (const [name, value] of Object.entries(response.headers)) {
      output.print(`  ${style.faint(`${printable(name)}: ${printable(value)}`)}`)
    }
    if (response.excerpt !== '') {
      output.print(`  ${printable(response.excerpt)}${response.truncated ? style.faint(' … cut') : ''}`)
    }
  }
}
