import type { Acceptance, NewDelivery } from '@taskhook/outbox'
import { checkDelivery } from './check-delivery.ts'
import type { Database } from './database.ts'
import type { Row } from './postgres-client.ts'
import type { Now } from './time.ts'

/**
 * Accepts deliveries, all or none: it inserts and looks at nothing else, so it waits for nobody but who inserts the same
 * idempotency key, and holds up nobody else. Gives back the repeated ones.
 */
export function enqueueFunctions(schema: string): string {
  return `
    CREATE OR REPLACE FUNCTION ${schema}.enqueue(
      ids text[], endpoint_ids text[], ordering_keys text[], types text[], payloads text[], idempotency_keys text[],
      now bigint[], ready_in_ms bigint[], sender text
    )
    RETURNS TABLE (n bigint, first_id text)
    LANGUAGE plpgsql AS $$
    #variable_conflict use_column
    DECLARE
      moment bigint := ${schema}.time_in_ms(NULL);
      key_count integer := count(key) FROM unnest(enqueue.idempotency_keys) AS key;
      repeated_count integer;
      fresh bigint[] := '{}';
    BEGIN
      IF key_count > 0 THEN
        -- In the order of the keys, so that two that insert the same ones wait for each other and not both.
        WITH kept AS (
          INSERT INTO ${schema}.idempotency_keys (endpoint_id, idempotency_key, delivery_id)
          SELECT endpoint_id, key, id
          FROM unnest(enqueue.ids, enqueue.endpoint_ids, enqueue.idempotency_keys)
            WITH ORDINALITY AS given (id, endpoint_id, key, n)
          WHERE key IS NOT NULL
          ORDER BY endpoint_id, key, n
          ON CONFLICT DO NOTHING
          RETURNING endpoint_id, idempotency_key
        )
        SELECT coalesce(array_agg(first_n), '{}') INTO fresh FROM (
          SELECT min(n) AS first_n
          FROM unnest(enqueue.endpoint_ids, enqueue.idempotency_keys) WITH ORDINALITY AS given (endpoint_id, key, n)
          JOIN kept ON kept.endpoint_id = given.endpoint_id AND kept.idempotency_key = given.key
          GROUP BY given.endpoint_id, given.key
        ) AS firsts;
      END IF;

      INSERT INTO ${schema}.deliveries
        (id, endpoint_id, ordering_key, type, payload, idempotency_key, accepted_at, ready_from, ready_at)
      SELECT id, endpoint_id, ordering_key, type, payload, key, coalesce(now, moment),
        coalesce(now, moment) + ready_in_ms, coalesce(now, moment) + ready_in_ms
      FROM unnest(enqueue.ids, enqueue.endpoint_ids, enqueue.ordering_keys, enqueue.types, enqueue.payloads,
        enqueue.idempotency_keys, enqueue.now, enqueue.ready_in_ms)
        WITH ORDINALITY AS given (id, endpoint_id, ordering_key, type, payload, key, now, ready_in_ms, n)
      WHERE key IS NULL OR n = ANY (fresh)
      ORDER BY n;
      IF FOUND THEN PERFORM ${schema}.notify(enqueue.sender); END IF;

      -- Not read without need: in a SERIALIZABLE transaction, what is read conflicts with what others insert beside it.
      IF cardinality(fresh) < key_count THEN
        RETURN QUERY
        SELECT given.n, known.delivery_id
        FROM unnest(enqueue.endpoint_ids, enqueue.idempotency_keys) WITH ORDINALITY AS given (endpoint_id, key, n)
        JOIN ${schema}.idempotency_keys AS known
          ON known.endpoint_id = given.endpoint_id AND known.idempotency_key = given.key
        WHERE key IS NOT NULL AND n <> ALL (fresh);
        GET DIAGNOSTICS repeated_count = ROW_COUNT;
        IF repeated_count + cardinality(fresh) < key_count THEN
          RAISE 'an idempotency key was forgotten at this moment' USING ERRCODE = 'serialization_failure';
        END IF;
      END IF;
    END $$;

    -- The same in a transaction of the application, which is left as it was when something is wrong: an error would end it.
    CREATE OR REPLACE FUNCTION ${schema}.enqueue_within(
      ledger_id uuid,
      ids text[], endpoint_ids text[], ordering_keys text[], types text[], payloads text[], idempotency_keys text[],
      now bigint[], ready_in_ms bigint[]
    )
    RETURNS TABLE (n bigint, first_id text, problem text)
    LANGUAGE plpgsql AS $$
    #variable_conflict use_column
    BEGIN
      problem := CASE
        WHEN NOT EXISTS (SELECT FROM ${schema}.ledger WHERE id = enqueue_within.ledger_id) THEN 'other_ledger'
        WHEN current_setting('synchronous_commit') = 'off' THEN 'not_durable'
      END;
      IF problem IS NOT NULL THEN
        RETURN NEXT;
        RETURN;
      END IF;
      RETURN QUERY
      SELECT repeated.n, repeated.first_id, NULL
      FROM ${schema}.enqueue(ids, endpoint_ids, ordering_keys, types, payloads, idempotency_keys, now, ready_in_ms, '')
        AS repeated;
    EXCEPTION
      WHEN unique_violation THEN
        problem := 'known_id';
        RETURN NEXT;
    END $$;
  `
}

/** Deliveries as the functions take them. */
export function toColumns(deliveries: readonly NewDelivery[], now: Now): unknown[][] {
  return [
    deliveries.map(({ id }) => id),
    deliveries.map(({ endpointId }) => endpointId),
    deliveries.map(({ orderingKey }) => orderingKey),
    deliveries.map(({ type }) => type),
    deliveries.map(({ payload }) => payload),
    deliveries.map(({ idempotencyKey }) => idempotencyKey ?? null),
    deliveries.map(({ acceptedAt }) => now(acceptedAt)),
    deliveries.map(({ acceptedAt, readyAt }) => readyAt - acceptedAt),
  ]
}

/** What the functions answer, for all deliveries. */
export function toAcceptances(deliveries: readonly NewDelivery[], repeated: readonly Row[]): Acceptance[] {
  const firstIds = new Map(repeated.map((row) => [Number(row['n']), String(row['first_id'])]))
  return deliveries.map(({ id }, index) => {
    const firstId = firstIds.get(index + 1)
    return { id: firstId ?? id, isRepeat: firstId !== undefined }
  })
}

/** Accepts deliveries of many callers, each caller's all or none. */
export function prepareEnqueue(
  { schema, query }: Database,
  { now, sender }: { now: Now; sender: string },
): (groups: readonly (readonly NewDelivery[])[]) => Promise<Acceptance[][]> {
  const text = `SELECT n, first_id FROM ${schema}.enqueue($1, $2, $3, $4, $5, $6, $7, $8, $9)`
  return async (groups) => {
    const deliveries = groups.flat()
    for (const delivery of deliveries) checkDelivery(delivery)
    if (deliveries.length === 0) return groups.map(() => [])
    const repeated = await query(text, [...toColumns(deliveries, now), sender])
    const acceptances = toAcceptances(deliveries, repeated)
    let start = 0
    return groups.map(({ length }) => acceptances.slice(start, (start += length)))
  }
}
