import type { FlagParametersForType } from '@stricli/core'
import type { CliContext } from './cli-context.ts'

/** Where the outbox is; of every command that needs one. */
export const outboxFlags: FlagParametersForType<OutboxFlags, CliContext> = {
  outbox: {
    kind: 'parsed',
    // Not checked here: what cannot be parsed is quoted, and there may be a password in it.
    parse: String,
    optional: true,
    placeholder: 'url',
    brief: 'The outbox or inbox: sqlite:<file> or postgres://…  [default: $TASKHOOK_OUTBOX]',
  },
  schema: {
    kind: 'parsed',
    parse: String,
    optional: true,
    placeholder: 'name',
    brief: 'The schema of its tables on PostgreSQL  [default: taskhook]',
  },
}

/** What {@link outboxFlags} give. */
export interface OutboxFlags {
  outbox?: string | undefined
  schema?: string | undefined
}

/** Machine-readable output; of every command that prints data. */
export const jsonFlag: FlagParametersForType<JsonFlag, CliContext> = {
  json: { kind: 'boolean', default: false, withNegated: false, brief: 'Print one JSON value a line' },
}

/** What {@link jsonFlag} gives. */
export interface JsonFlag {
  json: boolean
}

/** Goes ahead without asking; of every command that changes something. */
export const yesFlag: FlagParametersForType<YesFlag, CliContext> = {
  yes: { kind: 'boolean', default: false, withNegated: false, brief: 'Do it without asking' },
}

/** What {@link yesFlag} gives. */
export interface YesFlag {
  yes: boolean
}
