export { postgresDedupe } from './postgres-dedupe.ts'

export type { PostgresDedupeOptions } from './postgres-dedupe-options.ts'
export type { PostgresDedupeStore } from './postgres-dedupe.ts'
