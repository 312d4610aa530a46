import type { CliContext } from '../../cli-context.ts'
import { exitCodes } from '../../exit-codes.ts'
import type { JsonFlag, OutboxFlags } from '../../flags.ts'
import { findOutboxUrl } from '../../outbox/find-outbox-url.ts'
import { namePlace } from '../../outbox/name-place.ts'
import { withLedger } from '../../outbox/with-ledger.ts'
import { printable } from '../../output/printable.ts'
import { toTable } from '../../output/table.ts'
import { examineOutbox } from './examine-outbox.ts'

/** The flags of `doctor`. */
export interface DoctorFlags extends OutboxFlags, JsonFlag {
  config?: string | undefined
  connect: boolean
  maxAge?: number | undefined
}

/** Examines an outbox, and the configuration that belongs to it, and prints what it found. */
export async function examine(context: CliContext, flags: DoctorFlags): Promise<void> {
  const { output, env, now } = context
  const place = namePlace(findOutboxUrl(context, flags), flags.schema ?? 'taskhook')
  const { diagnoses, endpoints } = await withLedger(context, flags, (ledger) =>
    examineOutbox(ledger, { now, place, maxAge: flags.maxAge }),
  )
  if (flags.config !== undefined) {
    // Only then: it brings the sender along.
    const { examineConfiguration } = await import('./examine-configuration.ts')
    diagnoses.push(
      ...(await examineConfiguration({
        file: flags.config,
        connect: flags.connect,
        env,
        now: now(),
        endpoints,
      })),
    )
  }

  if (flags.json) for (const diagnosis of diagnoses) output.printJson(diagnosis)
  else {
    const paint = { ok: output.style.good, warning: output.style.warning, error: output.style.bad }
    const rows = diagnoses.map(({ examination, level, message }) => [
      paint[level](level),
      examination,
      printable(message),
    ])
    for (const line of toTable(rows)) output.print(line)
  }
  if (diagnoses.some(({ level }) => level === 'error')) context.exitWith(exitCodes.failed)
}
