import type { Claim, ClaimRequest } from '@taskhook/outbox'
import { isFirst } from './line.ts'
import type { Row } from './postgres-client.ts'
import type { Now } from './time.ts'
import { queueSettings } from './queue-settings.ts'

/**
 * Leases what is due, longest due first: heads, and of those that are arriving the ones that turn out to be first of their line.
 * The others are told to wait, and are not looked at again before it is their turn. One that was to be canceled when its
 * attempt had failed, and whose lease ended instead, is canceled.
 *
 * It waits for nobody: what others hold is left for the next time. How many it looks at is bounded, and so are its locks.
 */
export function claimFunction(schema: string): string {
  return `
    CREATE OR REPLACE FUNCTION ${schema}.claim(endpoint_id text, owner text, most integer, now bigint, lease_in_ms bigint)
    RETURNS SETOF ${schema}.deliveries
    LANGUAGE plpgsql ${queueSettings} AS $$
    #variable_conflict use_column
    DECLARE
      moment bigint := ${schema}.time_in_ms(claim.now);
      remaining integer := claim.most;
      leased_count integer;
      cancel_count integer;
      batch integer := least(claim.most, 1000);
      seen_count integer;
      total_count integer := 0;
      ours bigint[];
      arriving bigint[];
      told_to_wait bigint[];
      to_cancel bigint[] := '{}';
      left_alone bigint[] := '{}';
    BEGIN
      LOOP
        SELECT count(*), count(*) FILTER (WHERE is_ours AND cancel_requested),
          array_agg(number) FILTER (WHERE is_ours AND NOT cancel_requested),
          array_agg(number) FILTER (WHERE is_ours AND place = 'arriving'),
          to_cancel || array_agg(number) FILTER (WHERE is_ours AND cancel_requested),
          left_alone || array_agg(number) FILTER (WHERE NOT is_ours OR cancel_requested)
        INTO seen_count, cancel_count, ours, arriving, to_cancel, left_alone
        FROM (
          SELECT number, place, cancel_requested,
            CASE WHEN place = 'head' AND NOT cancel_requested THEN true
              ELSE pg_try_advisory_xact_lock(${schema}.line_lock(endpoint_id, ordering_key)) END AS is_ours
          FROM (
            SELECT * FROM ${schema}.deliveries
            WHERE endpoint_id = claim.endpoint_id AND ready_at <= moment AND number <> ALL (left_alone)
            ORDER BY ready_at, number
            LIMIT batch
            FOR UPDATE SKIP LOCKED
          ) AS due
        ) AS candidate;

        told_to_wait := NULL;
        IF arriving IS NOT NULL THEN
          WITH placed AS (
            UPDATE ${schema}.deliveries AS delivery SET place = 'waiting', ready_at = NULL
            WHERE number = ANY (arriving) AND NOT ${isFirst(schema, 'delivery')}
            RETURNING number
          )
          SELECT array_agg(number) INTO told_to_wait FROM placed;
        END IF;

        IF told_to_wait IS NOT NULL OR cardinality(ours) > remaining THEN
          SELECT array_agg(number) INTO ours FROM (
            SELECT number FROM unnest(ours) WITH ORDINALITY AS candidate (number, n)
            WHERE number <> ALL (coalesce(told_to_wait, '{}'))
            ORDER BY n LIMIT remaining
          ) AS chosen;
        END IF;

        RETURN QUERY
        UPDATE ${schema}.deliveries
        SET place = 'head', ready_at = moment + claim.lease_in_ms, lease_token = lease_token + 1, leased_by = claim.owner
        WHERE number = ANY (ours)
        RETURNING *;

        GET DIAGNOSTICS leased_count = ROW_COUNT;
        total_count := total_count + seen_count;
        remaining := remaining - leased_count - cancel_count;
        EXIT WHEN remaining <= 0 OR seen_count < batch OR total_count >= 1000;
        batch := least(batch * 4, 1000 - total_count);
      END LOOP;

      IF to_cancel <> '{}' THEN PERFORM ${schema}.give_back(to_cancel, moment); END IF;
    END $$;
  `
}

/** The call of {@link claimFunction}, with the columns of {@link toClaim}. */
export function selectClaims(
  schema: string,
  { endpointId, owner, limit, now: given, leaseEndsAt }: ClaimRequest,
  { now, parameter }: { now: Now; parameter: (value: unknown) => string },
): string {
  const values = [endpointId, owner, limit, now(given), leaseEndsAt - given]
  return `
    SELECT number, id, lease_token, endpoint_id, ordering_key, type, payload, accepted_at, tries
    FROM ${schema}.claim(${values.map(parameter).join(', ')})
  `
}

/** A row as a claim. */
export function toClaim(row: Row): Claim {
  return {
    id: String(row['id']),
    token: Number(row['lease_token']),
    endpointId: String(row['endpoint_id']),
    orderingKey: String(row['ordering_key']),
    type: String(row['type']),
    payload: String(row['payload']),
    acceptedAt: Number(row['accepted_at']),
    tries: Number(row['tries']),
  }
}
