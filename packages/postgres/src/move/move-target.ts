import { OutboxError } from '@taskhook/outbox'
import {
  checkDeliveries,
  partitionOf,
  type ExportedDelivery,
  type ExportedEndpoint,
  type StoredState,
} from '@taskhook/outbox/ledger'
import { Client } from 'pg'
import type { Row } from '../connection/postgres-client.ts'
import { toOutboxError } from '../connection/postgres-error.ts'
import { partitionCount } from '../partition-count.ts'
import { quoteSchema } from '../schema/schema-name.ts'

/** The ledger that an outbox is moved to: all that is written is there when {@link commit} resolves, or nothing of it. */
export interface MoveTarget {
  ledgerId: string
  /** Writes deliveries that are not there yet; resolves to how many of each state these were. */
  writeDeliveries(deliveries: readonly ExportedDelivery[]): Promise<Partial<Record<StoredState, number>>>
  writeEndpoints(endpoints: readonly ExportedEndpoint[]): Promise<void>
  commit(): Promise<void>
  /** Changes nothing that was not committed. */
  close(): Promise<void>
}

/**
 * Begins to write to a ledger, whose tables are there.
 *
 * @throws OutboxError
 */
export async function openMoveTarget(connectionString: string, schemaName: string): Promise<MoveTarget> {
  const schema = quoteSchema(schemaName)
  const client = new Client({
    connectionString,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    fallback_application_name: 'taskhook',
  })
  // What goes wrong with the connection fails the statement too; without a listener it would end the process.
  client.on('error', () => {})

  async function query(text: string, values: unknown[] = []): Promise<Row[]> {
    try {
      return (await client.query<Record<string, unknown>>(text, values)).rows
    } catch (error) {
      throw toOutboxError(error)
    }
  }

  try {
    await client.connect()
    await query('BEGIN')
    await query('SET LOCAL synchronous_commit = on')
    // What is known is looked up in tables that grow meanwhile, and of which there are no statistics.
    await query('SET LOCAL enable_seqscan = off')
    // A move that was killed may still be open on the server. This waits until it has ended, and sees what it did.
    await query(`SELECT pg_advisory_xact_lock(hashtextextended('${schema} move', 0))`)
    const [ledger] = await query(`SELECT id FROM ${schema}.ledger`)
    return {
      ledgerId: String(ledger?.['id']),
      async writeDeliveries(deliveries) {
        for (const delivery of deliveries) check(delivery)
        const delivered = deliveries.filter(({ state }) => state === 'delivered')
        await query(ensureDays(schema), [delivered.map(({ settledAt }) => settledAt)])
        const rows = await query(insertDeliveries(schema), toColumns(deliveries))
        return Object.fromEntries(rows.map((row) => [row['state'], Number(row['count'])]))
      },
      async writeEndpoints(endpoints) {
        // Before the rows themselves are written to, as everywhere: dispatchers that are there look at them again.
        await query(`SELECT ${schema}.raise_revision($1)`, [endpoints.map(({ id }) => id)])
        await query(insertEndpoints(schema), toEndpointColumns(endpoints))
      },
      async commit() {
        await query(`SELECT ${schema}.notify('')`)
        await query('COMMIT')
      },
      close: () => client.end(),
    }
  } catch (error) {
    await client.end()
    throw toOutboxError(error)
  }
}

function check(delivery: ExportedDelivery): void {
  const { idempotencyKey, context } = delivery
  try {
    checkDeliveries([
      { ...delivery, idempotencyKey: idempotencyKey ?? undefined, context: context ?? undefined },
    ])
  } catch (error) {
    if (!OutboxError.isInstance(error)) throw error
    throw new OutboxError(error.code, `delivery ${delivery.id}: ${error.message}`)
  }
}

function ensureDays(schema: string): string {
  return `
    SELECT ${schema}.ensure_day(starts_at)
    FROM (
      SELECT DISTINCT settled_at - settled_at % partition_in_ms AS starts_at
      FROM unnest($1::bigint[]) AS settled_at, ${schema}.ledger
    ) AS needed
    WHERE starts_at NOT IN (SELECT starts_at FROM ${schema}.delivered_days)
  `
}

function insertDeliveries(schema: string): string {
  return `
    WITH given AS MATERIALIZED (
      SELECT * FROM unnest($1::text[], $2::text[], $3::smallint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
        $9::text[], $10::bigint[], $11::bigint[], $12::bigint[], $13::integer[], $14::integer[], $15::integer[], $16::text[],
        $17::bigint[], $18::text[]) WITH ORDINALITY
        AS given (id, endpoint_id, partition, ordering_key, type, payload, context, idempotency_key, state, accepted_at,
          ready_at, wait_in_ms, tries, attempt_count, last_status, last_error_code, settled_at, attempts, n)
    ), known AS MATERIALIZED (
      SELECT id FROM ${schema}.deliveries WHERE id = ANY ($1)
      UNION ALL SELECT id FROM ${schema}.delivered WHERE id = ANY ($1)
    ), moved AS MATERIALIZED (
      SELECT nextval(pg_get_serial_sequence('${schema}.deliveries', 'number')) AS number, given.*
      FROM given WHERE id NOT IN (SELECT id FROM known) ORDER BY n
    ), delivered AS (
      INSERT INTO ${schema}.delivered (number, id, endpoint_id, partition, ordering_key, type, payload, context, idempotency_key,
        accepted_at, settled_at, attempt_count, last_status, last_error_code, attempts)
      SELECT number, id, endpoint_id, partition, ordering_key, type, payload, context, idempotency_key,
        accepted_at, settled_at, attempt_count, last_status, last_error_code, attempts
      FROM moved WHERE state = 'delivered'
    ), undelivered AS (
      INSERT INTO ${schema}.deliveries (number, id, endpoint_id, partition, ordering_key, type, payload, context, idempotency_key,
        state, accepted_at, ready_at, wait_in_ms, tries, settled_at, attempt_count, last_status, last_error_code, attempts)
      SELECT number, id, endpoint_id, partition, ordering_key, type, payload, context, idempotency_key,
        state, accepted_at, ready_at, wait_in_ms, tries, settled_at, attempt_count, last_status, last_error_code, attempts
      FROM moved WHERE state <> 'delivered'
    ), keys AS (
      INSERT INTO ${schema}.idempotency_keys (endpoint_id, idempotency_key, delivery_id)
      SELECT endpoint_id, idempotency_key, id FROM moved WHERE idempotency_key IS NOT NULL
      ON CONFLICT DO NOTHING
    )
    SELECT state, count(*) FROM moved GROUP BY state
  `
}

function toColumns(deliveries: readonly ExportedDelivery[]): unknown[][] {
  return [
    deliveries.map(({ id }) => id),
    deliveries.map(({ endpointId }) => endpointId),
    deliveries.map(({ orderingKey }) => partitionOf(orderingKey, partitionCount)),
    deliveries.map(({ orderingKey }) => orderingKey),
    deliveries.map(({ type }) => type),
    deliveries.map(({ payload }) => payload),
    deliveries.map(({ context }) => context),
    deliveries.map(({ idempotencyKey }) => idempotencyKey),
    deliveries.map(({ state }) => state),
    deliveries.map(({ acceptedAt }) => acceptedAt),
    deliveries.map(({ state, readyAt }) => (state === 'pending' ? readyAt : null)),
    deliveries.map(({ waitInMs }) => waitInMs ?? 0),
    deliveries.map(({ tries }) => tries),
    deliveries.map(({ attempts }) => attempts.length),
    deliveries.map(({ lastStatus }) => lastStatus),
    deliveries.map(({ lastErrorCode }) => lastErrorCode?.toWellFormed().replaceAll('\0', '\ufffd') ?? null),
    deliveries.map(({ settledAt }) => settledAt),
    deliveries.map(({ attempts }) => attempts.join()),
  ]
}

/** An endpoint that is paused in either place stays paused. Nothing that the target knows about it is lost. */
function insertEndpoints(schema: string): string {
  return `
    INSERT INTO ${schema}.endpoints AS endpoint
      (id, paused_reason, paused_at, circuit_since, circuit_until, circuit_openings, last_success_at, last_failure_at)
    SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::integer[], $7::bigint[], $8::bigint[])
      AS given (id)
    ORDER BY id
    ON CONFLICT (id) DO UPDATE SET
      paused_reason = coalesce(endpoint.paused_reason, excluded.paused_reason),
      paused_at = CASE WHEN endpoint.paused_reason IS NULL THEN excluded.paused_at ELSE endpoint.paused_at END,
      circuit_since = coalesce(endpoint.circuit_since, excluded.circuit_since),
      circuit_until = CASE WHEN endpoint.circuit_since IS NULL THEN excluded.circuit_until ELSE endpoint.circuit_until END,
      circuit_openings = CASE WHEN endpoint.circuit_since IS NULL THEN excluded.circuit_openings ELSE endpoint.circuit_openings END,
      last_success_at = greatest(endpoint.last_success_at, excluded.last_success_at),
      last_failure_at = greatest(endpoint.last_failure_at, excluded.last_failure_at)
  `
}

function toEndpointColumns(endpoints: readonly ExportedEndpoint[]): unknown[][] {
  return [
    endpoints.map(({ id }) => id),
    endpoints.map(({ paused }) => paused?.reason ?? null),
    endpoints.map(({ paused }) => paused?.since ?? null),
    endpoints.map(({ circuit }) => circuit.since),
    endpoints.map(({ circuit }) => circuit.until ?? null),
    endpoints.map(({ circuit }) => circuit.openings),
    endpoints.map(({ lastSuccessAt }) => lastSuccessAt ?? null),
    endpoints.map(({ lastFailureAt }) => lastFailureAt ?? null),
  ]
}
