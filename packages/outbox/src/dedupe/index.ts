export { sqliteDedupe } from './sqlite-dedupe.ts'

export type { BootClock } from './boot-clock.ts'
export type { SqliteDedupeOptions } from './sqlite-dedupe-options.ts'
export type { SqliteDedupeStore } from './sqlite-dedupe.ts'
