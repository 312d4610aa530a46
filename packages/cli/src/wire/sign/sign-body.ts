import { randomUUID } from 'node:crypto'
import { createSigner } from '@taskhook/core'
import type { CliContext } from '../../cli-context.ts'
import type { JsonFlag } from '../../flags.ts'
import { parseTime } from '../request/parse-time.ts'
import { readInput } from '../request/read-input.ts'
import { requireSecrets } from '../secret/find-secrets.ts'
import type { SecretFlags } from '../secret/secret-flags.ts'

/** The flags of `sign`. */
export type SignFlags = SecretFlags & JsonFlag & { id?: string | undefined; at?: string | undefined }

/** Prints the headers that a sender would send with a body. */
export async function signBody(
  context: CliContext,
  { id = randomUUID(), at, json, ...flags }: SignFlags,
  file = '-',
): Promise<void> {
  const { output, now } = context
  const sign = createSigner(await requireSecrets(context, flags))
  const sentAt = new Date(at === undefined ? now() : parseTime(at))
  const body = await readInput(context, file)
  if (body.at(-1) === 0x0a) output.note('the body ends with a line break, which is signed too')
  const headers = sign({ id, sentAt, body })
  if (json) output.printJson({ headers })
  else for (const [name, value] of Object.entries(headers)) output.print(`${name}: ${value}`)
}
