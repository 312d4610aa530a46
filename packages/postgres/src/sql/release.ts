import type { OwnedPartition } from '@taskhook/outbox/ledger'
import type { LedgerContext } from '../ledger-context.ts'
import { patience } from '../schema/queue-settings.ts'

/** Gives partitions back, those that the dispatcher owns under the epochs given. */
export function releaseFunction(schema: string): string {
  return `
    CREATE OR REPLACE FUNCTION ${schema}.release(
      dispatcher_id text, endpoint_ids text[], partitions smallint[], epochs bigint[], sender text
    )
    RETURNS void
    LANGUAGE plpgsql ${patience} AS $$
    #variable_conflict use_column
    BEGIN
      PERFORM pg_advisory_xact_lock(${schema}.membership_lock(release.dispatcher_id));
      UPDATE ${schema}.partitions AS known SET owner = NULL
      FROM unnest(release.endpoint_ids, release.partitions, release.epochs) AS given (endpoint_id, partition, epoch)
      WHERE known.endpoint_id = given.endpoint_id AND known.partition = given.partition AND known.epoch = given.epoch
        AND known.owner = release.dispatcher_id;
      IF NOT FOUND THEN RETURN; END IF;
      PERFORM ${schema}.raise_generation();
      PERFORM ${schema}.notify(release.sender);
    END $$;
  `
}

/** Gives partitions back, see {@link releaseFunction}. */
export function prepareRelease({
  database: { schema, query },
  sender,
}: LedgerContext): (dispatcherId: string, partitions: readonly OwnedPartition[]) => Promise<void> {
  const text = `SELECT ${schema}.release($1, $2, $3, $4, $5)`
  return async (dispatcherId, partitions) => {
    await query(text, [
      dispatcherId,
      partitions.map(({ endpointId }) => endpointId),
      partitions.map(({ partition }) => partition),
      partitions.map(({ epoch }) => epoch),
      sender,
    ])
  }
}
