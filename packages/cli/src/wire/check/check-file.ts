import { ConfigError, loadConfig } from '@taskhook/sender'
import type { CliContext } from '../../cli-context.ts'
import { CommandError } from '../../command-error.ts'
import { exitCodes } from '../../exit-codes.ts'
import type { JsonFlag } from '../../flags.ts'
import { printable } from '../../output/printable.ts'
import { checkEndpoint } from './check-endpoint.ts'
import type { EndpointCheck } from './finding.ts'

/** The flags of `check`. */
export interface CheckFlags extends JsonFlag {
  connect: boolean
  expiresWithin: string
}

const dayInMs = 86_400_000

/** Checks a configuration file and prints what was found of each endpoint. */
export async function checkFile(
  context: CliContext,
  { connect, expiresWithin, json }: CheckFlags,
  file: string,
): Promise<void> {
  const { env, now, output } = context
  if (!/^\d{1,5}$/.test(expiresWithin)) {
    throw new CommandError('usage_invalid', '--expires-within must be a number of days')
  }
  const sections = await loadConfig(file, { env }).catch((error: unknown) => error)
  if (ConfigError.isInstance(sections)) return printConfigError(context, json, sections)
  if (!Array.isArray(sections)) throw sections

  const options = { connect, now: now(), expiresWithinInMs: Number(expiresWithin) * dayInMs }
  const checks = await Promise.all(
    (sections as Awaited<ReturnType<typeof loadConfig>>).map((section) => checkEndpoint(section, options)),
  )
  for (const check of checks) {
    if (json) output.printJson(check)
    else printCheck(context, check)
  }
  const code = judge(checks)
  if (code !== exitCodes.done) context.exitWith(code)
}

function isUnreached({ connection }: EndpointCheck): boolean {
  return connection?.reached === false
}

/** 4 only when nothing but a connection is wrong: what is wrong with the configuration comes first. */
function judge(checks: readonly EndpointCheck[]): number {
  const errors = checks.filter(({ findings }) => findings.some(({ level }) => level === 'error'))
  if (errors.length === 0) return exitCodes.done
  const hasOthers = errors.some(
    (check) => check.findings.filter(({ level }) => level === 'error').length > Number(isUnreached(check)),
  )
  return hasOthers ? exitCodes.failed : exitCodes.unavailable
}

function printConfigError(context: CliContext, json: boolean, error: ConfigError): void {
  const { output } = context
  const { code, issues, message } = error
  const findings =
    issues.length === 0
      ? [{ level: 'error', code, message }]
      : issues.map((issue) => ({ level: 'error', code, message: issue.message, path: issue.path }))
  if (json) output.printJson({ findings })
  else
    for (const line of message.split('\n'))
      output.print(`${output.style.bad('error')} ${printable(line.trim())}`)
  context.exitWith(exitCodes.failed)
}

function printCheck({ output }: CliContext, check: EndpointCheck): void {
  const { strong, good, bad, warning } = output.style
  const { endpointId = '(without an endpoint)', url, findings, certificates, connection } = check
  const isWrong = findings.some(({ level }) => level === 'error')
  output.print(
    `${strong(printable(endpointId))} ${printable(url ?? '')} ${isWrong ? bad('wrong') : good('ok')}`,
  )
  for (const { level, message } of findings) {
    output.print(`  ${level === 'error' ? bad('error') : warning('warning')} ${printable(message)}`)
  }
  for (const { use, subject, validTo, file } of certificates) {
    output.print(
      `  ${use} certificate ${printable(subject)} until ${validTo.toISOString().slice(0, 10)} (${printable(file)})`,
    )
  }
  if (connection?.reached) {
    const { tls, durationInMs } = connection
    const shown =
      tls &&
      `, ${tls.protocol}, ${printable(tls.certificate.subject)} until ${tls.certificate.validTo.toISOString().slice(0, 10)}`
    output.print(`  ${good('connected')} in ${Math.round(durationInMs)} ms${shown ?? ''}`)
  }
}
