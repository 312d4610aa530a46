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
}

/** Prepares what the operations on a connection share. */
export function createContext(database: DatabaseSync, now: () => number): Context {
  return {
    database,
    endpoints: createEndpointNumbers(database),
    lines: createLineNumbers(database),
    numbers: createDeliveryNumbers(database),
    versions: createVersionCounters(database),
    now,
  }
}
