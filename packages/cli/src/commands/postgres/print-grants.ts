import { grantStatements, type LedgerPart } from '@taskhook/postgres'
import type { CliContext } from '../../cli-context.ts'
import type { OutboxFlags } from '../../flags.ts'

/** The flags of `grants`. */
export type GrantsFlags = Pick<OutboxFlags, 'schema'>

/** Prints the grants for the owner of the tables to run. */
export async function printGrants(
  { output }: CliContext,
  { schema = 'taskhook' }: GrantsFlags,
  part: string,
  role: string,
): Promise<void> {
  output.print(grantStatements({ to: part as LedgerPart, role, schema }))
}
