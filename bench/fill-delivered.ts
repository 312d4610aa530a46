import { run } from './start-postgres.ts'

const dayInMs = 24 * 60 * 60 * 1000

/** Adds deliveries that were made in the last days, the same number on each, to an outbox on PostgreSQL. */
export async function fillDelivered(
  url: string,
  { days, perDay }: { days: number; perDay: number },
): Promise<void> {
  const today = Date.now() - (Date.now() % dayInMs)
  for (let day = days; day > 0; day--) {
    const startsAt = today - day * dayInMs
    await run(url, `SELECT taskhook.ensure_partition(${startsAt})`)
    await run(
      url,
      `
        INSERT INTO taskhook.delivered
          (number, id, endpoint_id, ordering_key, type, payload, accepted_at, lease_token, settled_at, attempts)
        SELECT nextval(pg_get_serial_sequence('taskhook.deliveries', 'number')), uuidv7(), 'receiver', task, 'OrderSigned',
          json_build_object('taskId', task, 'eventType', 'OrderSigned', 'orderId', task),
          at, 1, at + 5, ARRAY[json_build_object('startedAt', at, 'durationInMs', 3, 'outcome', 'delivered', 'status', 204,
            'response', json_build_object('headers', json_build_object('connection', 'keep-alive'), 'excerpt', ''))]
        FROM generate_series(1, ${perDay}) AS n,
          LATERAL (SELECT gen_random_uuid()::text AS task, ${startsAt} + n * ${dayInMs - 1000}::bigint / ${perDay} AS at) AS made
      `,
    )
  }
}
