export { moveOutbox } from './move/move-outbox.ts'
export { postgresLedger } from './postgres-ledger.ts'
export { grantStatements } from './schema/privileges.ts'

export type { PostgresClient, PostgresConnection, PostgresPool } from './connection/postgres-client.ts'
export type { Move, MoveOptions } from './move/move-outbox.ts'
export type { PostgresLedgerOptions } from './postgres-ledger-options.ts'
export type { GrantOptions, LedgerPart } from './schema/privileges.ts'
