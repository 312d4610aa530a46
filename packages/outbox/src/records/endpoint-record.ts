import type { EndpointControl, EndpointRecord, PauseReason } from '../ledger.ts'
import { optionalNumber, type Row } from './row.ts'

/**
 * A row as the record of an endpoint. Columns: `id`, `isOwned`, `pausedReason`, `pausedAt`, `pending`, `held`, `oldestAcceptedAt`,
 * `exhausted`, `circuitSince`, `circuitUntil` (null when it is closed), `lastSuccessAt`, `lastFailureAt`.
 */
export function toEndpointRecord(row: Row, now: number): EndpointRecord {
  const isOpen = row['circuitUntil'] !== null
  return {
    id: row['id'] as string,
    isOwned: Boolean(row['isOwned']),
    ...(row['pausedReason'] !== null && {
      paused: { reason: row['pausedReason'] as PauseReason, since: Number(row['pausedAt']) },
    }),
    pending: Number(row['pending'] ?? 0),
    held: Number(row['held'] ?? 0),
    ...(row['oldestAcceptedAt'] !== null && {
      oldestPendingAgeInMs: Math.max(0, now - Number(row['oldestAcceptedAt'])),
    }),
    exhausted: Number(row['exhausted'] ?? 0),
    circuit: {
      state: isOpen ? 'open' : 'closed',
      since: Number(row['circuitSince'] ?? 0),
      ...optionalNumber('until', row['circuitUntil']),
    },
    ...optionalNumber('lastSuccessAt', row['lastSuccessAt']),
    ...optionalNumber('lastFailureAt', row['lastFailureAt']),
  }
}

/** A row as what is decided about an endpoint. Columns: `id`, `revision`, `pausedReason`, `circuitUntil`, `circuitOpenings`. */
export function toEndpointControl(row: Row, now: number): EndpointControl {
  return {
    id: row['id'] as string,
    revision: Number(row['revision']),
    ...(row['pausedReason'] !== null && { paused: row['pausedReason'] as PauseReason }),
    ...(row['circuitUntil'] !== null && {
      circuit: {
        openForInMs: Math.max(0, Number(row['circuitUntil']) - now),
        openings: Number(row['circuitOpenings']),
      },
    }),
  }
}
