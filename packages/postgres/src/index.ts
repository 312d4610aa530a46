export { postgresLedger } from './postgres-ledger.ts'
export { grantStatements } from './privileges.ts'

export type { PostgresClient, PostgresConnection, PostgresPool } from './postgres-client.ts'
export type { PostgresLedgerOptions } from './postgres-ledger.ts'
export type { GrantOptions, LedgerPart } from './privileges.ts'
