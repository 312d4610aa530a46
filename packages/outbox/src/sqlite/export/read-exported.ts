import type { DatabaseSync } from 'node:sqlite'
import type { PauseReason } from '../../ledger.ts'
import { optionalNumber, type Row } from '../../records/row.ts'
import { joinLine } from '../sql/read-columns.ts'
import { toOutboxError } from '../sqlite-error.ts'
import type { ExportedDelivery, ExportedEndpoint } from './sqlite-export.ts'

const deliveriesAtATime = 1000

interface ExportedRow extends Omit<ExportedDelivery, 'attempts'> {
  number: number
  firstAttempt: string | null
}

/** Reads all deliveries, some at a time. */
export function* readExportedDeliveries(database: DatabaseSync): Generator<ExportedDelivery[]> {
  const read = database.prepare(`
    SELECT delivery.number, delivery.id, endpoint.id AS endpointId, line.ordering_key AS orderingKey, type, payload,
      idempotency_key AS idempotencyKey, context, state, accepted_at AS acceptedAt, ready_at AS readyAt,
      wait_in_ms AS waitInMs, tries, last_status AS lastStatus, last_error_code AS lastErrorCode,
      settled_at AS settledAt, first_attempt AS firstAttempt
    FROM taskhook_deliveries AS delivery
      CROSS JOIN taskhook_endpoints AS endpoint ON endpoint.number = delivery.endpoint
      ${joinLine}
    WHERE delivery.number > ? ORDER BY delivery.number LIMIT ${deliveriesAtATime}
  `)
  const readAttempts = database.prepare(
    'SELECT delivery, attempt FROM taskhook_attempts WHERE delivery BETWEEN ? AND ? ORDER BY delivery, number',
  )
  let last = 0
  for (;;) {
    const page = coded(() => readPage(last))
    if (page === undefined) return
    last = page.last
    yield page.deliveries
  }

  function readPage(after: number): { deliveries: ExportedDelivery[]; last: number } | undefined {
    const rows: Row[] = read.all(after)
    if (rows.length === 0) return undefined
    const numbers = rows.map((row) => Number(row['number']))
    const attempts = new Map(numbers.map((number) => [number, [] as string[]]))
    for (const { delivery, attempt } of readAttempts.all(numbers[0]!, numbers.at(-1)!)) {
      attempts.get(Number(delivery))?.push(String(attempt))
    }
    const deliveries = rows.map((row) => {
      const { number, firstAttempt, ...delivery } = row as unknown as ExportedRow
      const first = firstAttempt === null ? [] : [firstAttempt]
      return Object.assign(delivery, { attempts: [...first, ...attempts.get(number)!] })
    })
    return { deliveries, last: numbers.at(-1)! }
  }
}

/** Reads what is stored about all endpoints. */
export function readExportedEndpoints(database: DatabaseSync): ExportedEndpoint[] {
  const read = database.prepare('SELECT * FROM taskhook_endpoints ORDER BY id')
  return coded(() => read.all()).map(toExportedEndpoint)
}

function toExportedEndpoint(row: Row): ExportedEndpoint {
  return {
    id: String(row['id']),
    ...(row['paused_reason'] !== null && {
      paused: { reason: row['paused_reason'] as PauseReason, since: Number(row['paused_at']) },
    }),
    circuit: {
      since: Number(row['circuit_since'] ?? 0),
      ...optionalNumber('until', row['circuit_until']),
      openings: Number(row['circuit_openings']),
    },
    ...optionalNumber('lastSuccessAt', row['last_success_at']),
    ...optionalNumber('lastFailureAt', row['last_failure_at']),
  }
}

/** Runs an operation; what SQLite throws becomes an error with a code. */
export function coded<T>(operation: () => T): T {
  try {
    return operation()
  } catch (error) {
    throw toOutboxError(error)
  }
}
