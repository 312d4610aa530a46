import type { DatabaseSync } from 'node:sqlite'
import { createDeliveryNumbers, type DeliveryNumbers } from './delivery-numbers.ts'
import { createLineNumbers, type LineNumbers } from './line-numbers.ts'
import { createEndpointNumbers, type EndpointNumbers } from './endpoint-numbers.ts'
import { createVersionCounters, type VersionCounters } from './versions.ts'

/** What the operations on one connection share. */
export interface Context {
  database: DatabaseSync
  endpoints: EndpointNumbers
  lines: LineNumbers
  numbers: DeliveryNumbers
  versions: VersionCounters
  /** Milliseconds since 1970. */
  now: () => number
  /** Forgets all that is remembered of the file: some of it was rolled back. */
  forget(): void
}

/** Prepares what the operations on a connection share. */
export function createContext(database: DatabaseSync, now: () => number): Context {
  const endpoints = createEndpointNumbers(database)
  const lines = createLineNumbers(database)
  const numbers = createDeliveryNumbers(database)
  return {
    database,
    endpoints,
    lines,
    numbers,
    versions: createVersionCounters(database),
    now,
    forget() {
      for (const remembered of [endpoints, lines, numbers]) remembered.forget()
    },
  }
}
