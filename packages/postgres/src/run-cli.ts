import { parseArgs } from 'node:util'
import { OutboxError } from '@taskhook/outbox'
import { moveOutbox } from './move/move-outbox.ts'
import { checkConnectionString } from './connection/open-pool.ts'
import { postgresLedger } from './postgres-ledger.ts'
import { grantStatements, type LedgerPart } from './schema/privileges.ts'

/** Where the command writes. */
export interface CliOutput {
  print: (text: string) => void
  printError: (text: string) => void
}

const usage = `Usage: npx @taskhook/postgres <command> [--schema taskhook]

  migrate postgres://…                     makes the tables, or brings them to the newest version
  grants <enqueue|deliver|read> <role>     prints the SQL that lets a role do its part
  move sqlite:<file> postgres://…          moves an outbox from SQLite to PostgreSQL

What is not in the URL is taken from PGHOST, PGUSER, PGPASSWORD and their like: arguments are no place for a password.`

const commands: Readonly<
  Record<string, (args: readonly string[], schema: string, output: CliOutput) => Promise<boolean>>
> = { migrate, grants, move }

/** Runs the command of the package; resolves to its exit code: 0 done, 1 failed, 2 not understood. */
export async function runCli(args: readonly string[], output: CliOutput): Promise<number> {
  try {
    const { values, positionals } = parse(args)
    const [name = '', ...rest] = positionals
    if (values.help) {
      output.print(usage)
      return 0
    }
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined
    if (await command?.(rest, values.schema, output)) return 0
    output.printError(usage)
    return 2
  } catch (error) {
    if (isParseError(error)) {
      output.printError(`${error.message}\n\n${usage}`)
      return 2
    }
    if (!OutboxError.isInstance(error)) throw error
    output.printError(describe(error))
    return 1
  }
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { schema: { type: 'string', default: 'taskhook' }, help: { type: 'boolean', default: false } },
  })
}

async function migrate(args: readonly string[], schema: string, { print }: CliOutput): Promise<boolean> {
  const [connectionString, ...more] = args
  if (connectionString === undefined || more.length > 0) return false
  const ledger = await postgresLedger({ connectionString, schema, maxConnections: 1, listen: false })
  await ledger.close()
  print(`The ledger in ${placeOf(connectionString, schema)} is up to date.`)
  return true
}

async function grants(args: readonly string[], schema: string, { print }: CliOutput): Promise<boolean> {
  const [to, role, ...more] = args
  if (role === undefined || more.length > 0) return false
  print(grantStatements({ to: to as LedgerPart, role, schema }))
  return true
}

async function move(args: readonly string[], schema: string, { print }: CliOutput): Promise<boolean> {
  const [from, connectionString, ...more] = args
  const file = /^sqlite:(.+)$/s.exec(from ?? '')?.[1]
  if (file === undefined || connectionString === undefined || more.length > 0) return false
  checkConnectionString('move', connectionString)
  const { moved, knownCount, endpointCount, wasMoved } = await moveOutbox({ file, connectionString, schema })
  const place = placeOf(connectionString, schema)
  if (wasMoved) {
    print(`The outbox in ${file} was moved to ${place} before. There was nothing left to do.`)
    return true
  }
  const lines = [
    ...Object.entries(moved),
    ['already there', knownCount] as const,
    ['endpoints', endpointCount] as const,
  ].map(([name, count]) => `  ${name.padEnd(13)} ${String(count).padStart(9)}`)
  print(
    [
      `Moved the outbox in ${file} to ${place}:`,
      ...lines,
      `No sender takes ${file} any more. Its deliveries are still there, as taskhook_moved_*; drop those tables at will.`,
    ].join('\n'),
  )
  return true
}

/** A database as it may be shown: a URL may have a password in it, and in more than one place. */
function placeOf(connectionString: string, schema: string): string {
  const { host, pathname } = new URL(connectionString)
  return `${host}${pathname}, schema ${schema}`
}

function describe({ code, message, cause }: OutboxError): string {
  return `${code}: ${message}${cause instanceof Error ? `: ${reasonOf(cause)}` : ''}`
}

/** Of a name with several addresses there is an error for each, and no message for all. */
function reasonOf(cause: Error): string {
  return cause.message || ('code' in cause ? String(cause.code) : cause.name)
}

function isParseError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
}
