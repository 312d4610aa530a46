import { OutboxError, type DeliveryState } from '@taskhook/outbox'
import { Client } from 'pg'
import { checkDelivery } from './check-delivery.ts'
import type { MovedDelivery } from './move-source.ts'
import type { Row } from './postgres-client.ts'
import { toOutboxError } from './postgres-error.ts'
import { quoteSchema } from './schema-name.ts'

/** The ledger that an outbox is moved to: all that is written is there when {@link commit} resolves, or nothing of it. */
export interface MoveTarget {
  ledgerId: string
  /** Writes deliveries that are not there yet; resolves to how many of each state these were. */
  writeDeliveries(deliveries: readonly MovedDelivery[]): Promise<Partial<Record<DeliveryState, number>>>
  writeEndpoints(endpoints: readonly Row[]): Promise<void>
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
    // One that was killed may not have ended here yet: then this waits until it has, and sees what it did.
    await query(`SELECT pg_advisory_xact_lock(hashtextextended('${schema} move', 0))`)
    const [ledger] = await query(`SELECT id FROM ${schema}.ledger`)
    return {
      ledgerId: String(ledger?.['id']),
      async writeDeliveries(deliveries) {
        for (const delivery of deliveries) check(delivery)
        const delivered = deliveries.filter(({ state }) => state === 'delivered')
        await query(ensurePartitions(schema), [delivered.map(({ settledAt }) => settledAt)])
        const rows = await query(insertDeliveries(schema), toColumns(deliveries))
        return Object.fromEntries(rows.map((row) => [row['state'], Number(row['count'])]))
      },
      async writeEndpoints(endpoints) {
        await query(insertEndpoints(schema), [JSON.stringify(endpoints)])
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

function check(delivery: MovedDelivery): void {
  try {
    checkDelivery({ ...delivery, idempotencyKey: delivery.idempotencyKey ?? undefined })
  } catch (error) {
    if (!OutboxError.isInstance(error)) throw error
    throw new OutboxError(error.code, `delivery ${delivery.id}: ${error.message}`)
  }
}

function ensurePartitions(schema: string): string {
  return `
    SELECT ${schema}.ensure_partition(starts_at)
    FROM (
      SELECT DISTINCT settled_at - settled_at % partition_in_ms AS starts_at
      FROM unnest($1::bigint[]) AS settled_at, ${schema}.ledger
    ) AS needed
    WHERE starts_at NOT IN (SELECT starts_at FROM ${schema}.delivered_partitions)
  `
}

/**
 * Pending ones are arriving, as if they were accepted now: which of a line is the first is found out by whoever claims, who sees
 * what else is there.
 */
function insertDeliveries(schema: string): string {
  return `
    WITH given AS MATERIALIZED (
      SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[],
        $9::bigint[], $10::bigint[], $11::bigint[], $12::integer[], $13::bigint[], $14::text[]) WITH ORDINALITY
        AS given (id, endpoint_id, ordering_key, type, payload, idempotency_key, state, accepted_at, ready_from, ready_at,
          lease_token, tries, settled_at, attempts_text, n)
    ), known AS MATERIALIZED (
      SELECT id FROM ${schema}.deliveries WHERE id = ANY ($1)
      UNION ALL SELECT id FROM ${schema}.delivered WHERE id = ANY ($1)
    ), moved AS MATERIALIZED (
      SELECT nextval(pg_get_serial_sequence('${schema}.deliveries', 'number')) AS number, given.*,
        ARRAY(SELECT json_array_elements(attempts_text::json)) AS attempts
      FROM given WHERE id NOT IN (SELECT id FROM known) ORDER BY n
    ), delivered AS (
      INSERT INTO ${schema}.delivered (number, id, endpoint_id, ordering_key, type, payload, idempotency_key, accepted_at,
        lease_token, settled_at, attempts)
      SELECT number, id, endpoint_id, ordering_key, type, payload, idempotency_key, accepted_at, lease_token, settled_at, attempts
      FROM moved WHERE state = 'delivered'
    ), undelivered AS (
      INSERT INTO ${schema}.deliveries (number, id, endpoint_id, ordering_key, type, payload, idempotency_key, state, place,
        accepted_at, ready_from, ready_at, lease_token, tries, settled_at, attempts)
      SELECT number, id, endpoint_id, ordering_key, type, payload, idempotency_key, state,
        CASE WHEN state = 'pending' THEN 'arriving' END, accepted_at, ready_from,
        CASE WHEN state = 'pending' THEN ready_at END, lease_token, tries, settled_at, attempts
      FROM moved WHERE state <> 'delivered'
    ), keys AS (
      INSERT INTO ${schema}.idempotency_keys (endpoint_id, idempotency_key, delivery_id)
      SELECT endpoint_id, idempotency_key, id FROM moved WHERE idempotency_key IS NOT NULL
      ON CONFLICT DO NOTHING
    )
    SELECT state, count(*) FROM moved GROUP BY state
  `
}

function toColumns(deliveries: readonly MovedDelivery[]): unknown[][] {
  return [
    deliveries.map(({ id }) => id),
    deliveries.map(({ endpointId }) => endpointId),
    deliveries.map(({ orderingKey }) => orderingKey),
    deliveries.map(({ type }) => type),
    deliveries.map(({ payload }) => payload),
    deliveries.map(({ idempotencyKey }) => idempotencyKey),
    deliveries.map(({ state }) => state),
    deliveries.map(({ acceptedAt }) => acceptedAt),
    deliveries.map(({ readyFrom }) => readyFrom),
    deliveries.map(({ readyAt }) => readyAt),
    deliveries.map(({ leaseToken }) => leaseToken),
    deliveries.map(({ tries }) => tries),
    deliveries.map(({ settledAt }) => settledAt),
    deliveries.map(({ attempts }) => attempts),
  ]
}

/** One that is paused here or there stays so; of what else is known of it there, nothing is lost. */
function insertEndpoints(schema: string): string {
  return `
    INSERT INTO ${schema}.endpoints AS endpoint
      (id, paused_reason, paused_at, circuit_state, circuit_since, last_success_at, last_failure_at)
    SELECT id, paused_reason, paused_at, circuit_state, circuit_since, last_success_at, last_failure_at
    FROM json_to_recordset($1) AS given (id text, paused_reason text, paused_at bigint, circuit_state text,
      circuit_since bigint, last_success_at bigint, last_failure_at bigint)
    ORDER BY id
    ON CONFLICT (id) DO UPDATE SET
      paused_reason = coalesce(endpoint.paused_reason, excluded.paused_reason),
      paused_at = CASE WHEN endpoint.paused_reason IS NULL THEN excluded.paused_at ELSE endpoint.paused_at END,
      last_success_at = greatest(endpoint.last_success_at, excluded.last_success_at),
      last_failure_at = greatest(endpoint.last_failure_at, excluded.last_failure_at)
  `
}
