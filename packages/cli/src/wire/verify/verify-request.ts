import { createVerifier, WebhookError } from '@taskhook/core'
import type { CliContext } from '../../cli-context.ts'
import { CommandError } from '../../command-error.ts'
import { exitCodes } from '../../exit-codes.ts'
import type { JsonFlag } from '../../flags.ts'
import { explainRefusal } from '../explain/explain-refusal.ts'
import { parseHeader } from '../request/parse-header.ts'
import { parseRequest, type RecordedRequest } from '../request/parse-request.ts'
import { parseTime } from '../request/parse-time.ts'
import { readInput } from '../request/read-input.ts'
import { requireSecrets } from '../secret/find-secrets.ts'
import type { SecretFlags } from '../secret/secret-flags.ts'
import { toVerified, toRefused, writeVerdict, type Verdict } from '../verdict.ts'

/** The flags of `verify`. */
export interface VerifyFlags extends SecretFlags, JsonFlag {
  header?: readonly string[] | undefined
  body?: string | undefined
  url?: string | undefined
  explain: boolean
  trySecret?: readonly string[] | undefined
  at?: string | undefined
}

/** Verifies a recorded request, and says what is in it or why it is refused. */
export async function verifyRequest(context: CliContext, flags: VerifyFlags, file?: string): Promise<void> {
  const { output } = context
  const secrets = await requireSecrets(context, flags)
  const request = await readRequest(context, flags, file)
  for (const note of request.notes) output.note(note)
  const now = readTime(context, flags, request)

  if (flags.explain) output.progress('looking for the cause …')
  const verdict = await judge(request, {
    secrets,
    now,
    explain: flags.explain,
    otherSecrets: flags.trySecret ?? [],
  })
  if (flags.json) output.printJson(verdict)
  else for (const line of writeVerdict(verdict, output.style)) output.print(line)
  if (verdict.outcome === 'refused') {
    context.exitWith(exitCodes.failed)
    if (verdict.code === 'signature_mismatch' && !flags.explain) output.note('--explain says why')
  } else if (flags.explain) {
    output.note(
      'nothing is wrong with this request and this secret: a receiver that refuses it has another secret, or verifies other bytes',
    )
  }
}

async function judge(
  { headers, body, url = '/' }: RecordedRequest,
  {
    secrets,
    now,
    explain,
    otherSecrets,
  }: {
    secrets: readonly string[]
    now: number
    explain: boolean
    otherSecrets: readonly string[]
  },
): Promise<Verdict> {
  const verifier = createVerifier({ secret: secrets, now: () => now })
  try {
    return toVerified(await verifier.verify({ headers, url, body }))
  } catch (error) {
    if (!WebhookError.isInstance(error)) throw error
    const request = { headers, body, url, secrets, otherSecrets }
    return toRefused(error, explain ? await explainRefusal(error, request, now) : undefined)
  }
}

async function readRequest(
  context: CliContext,
  { header = [], body, url }: VerifyFlags,
  file: string | undefined,
): Promise<RecordedRequest> {
  const isInParts = file === undefined && (header.length > 0 || body !== undefined)
  if (file !== undefined && body !== undefined) {
    throw new CommandError(
      'usage_invalid',
      'give the whole request as a file, or its parts with -H and --body',
    )
  }
  const recorded = isInParts
    ? { headers: {}, body: await readInput(context, body ?? '-'), notes: [] }
    : parseRequest(await readInput(context, file ?? '-'))
  const headers: Record<string, string> = { ...recorded.headers }
  for (const [name, value] of header.map(parseHeader)) headers[name] = value
  return { ...recorded, headers, ...(url !== undefined && { url }) }
}

/** `--at recorded`: whenever the request says that it was sent. */
function readTime({ now }: CliContext, { at }: VerifyFlags, { headers }: RecordedRequest): number {
  if (at === undefined) return now()
  return parseTime(at === 'recorded' ? (headers['webhook-timestamp'] ?? '') : at)
}
