import type { CircuitChange } from '@taskhook/outbox/ledger'
import type { LedgerContext } from '../ledger-context.ts'
import { patience } from '../schema/queue-settings.ts'

/** Opens an endpoint's circuit for a time, or closes it when none is given. */
export function setCircuitFunction(schema: string): string {
  return `
    CREATE OR REPLACE FUNCTION ${schema}.set_circuit(
      endpoint_id text, open_for_ms bigint, openings integer, now bigint, sender text
    )
    RETURNS void
    LANGUAGE plpgsql ${patience} AS $$
    #variable_conflict use_column
    DECLARE
      moment bigint := ${schema}.time_in_ms(set_circuit.now);
    BEGIN
      PERFORM ${schema}.raise_revision(ARRAY[set_circuit.endpoint_id]);
      UPDATE ${schema}.endpoints
      -- One that is opened again has been open since the first time.
      SET circuit_since = CASE WHEN (circuit_until IS NULL) = (open_for_ms IS NULL) THEN circuit_since ELSE moment END,
        circuit_until = moment + open_for_ms,
        circuit_openings = set_circuit.openings
      WHERE id = set_circuit.endpoint_id;
      PERFORM ${schema}.notify(set_circuit.sender);
    END $$;
  `
}

/** Opens or closes a circuit, see {@link setCircuitFunction}. */
export function prepareSetCircuit({
  database: { schema, query },
  now,
  sender,
}: LedgerContext): (endpointId: string, circuit: CircuitChange) => Promise<void> {
  const text = `SELECT ${schema}.set_circuit($1, $2, $3, $4, $5)`
  return async (endpointId, circuit) => {
    const [openForInMs, openings] =
      circuit.state === 'open' ? [Math.ceil(circuit.forInMs), circuit.openings] : [null, 0]
    await query(text, [endpointId, openForInMs, openings, now(), sender])
  }
}
