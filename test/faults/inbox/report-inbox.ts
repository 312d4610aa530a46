import { createPostgresStore } from '../postgres-store.ts'
import { inSeconds, type Report, type Row } from '../report.ts'
import { createSqliteStore } from '../sqlite-store.ts'
import { maxConcurrency, runInboxKills } from './run-inbox-kills.ts'

/** What {@link reportInbox} tries. */
export interface InboxReportOptions {
  isOnPostgres: boolean
  isInTransaction: boolean
  kills: number
  seed: number
}

/** Kills receivers with an inbox, for the table of `pnpm test:faults --inbox`: one on SQLite, or three on PostgreSQL. */
export async function reportInbox({ isOnPostgres, ...options }: InboxReportOptions): Promise<Report> {
  const result = await runInboxKills({
    ...options,
    createStore: isOnPostgres ? createPostgresStore : createSqliteStore,
    receivers: isOnPostgres ? 3 : 1,
  })
  const { isInTransaction } = options
  const { 503: unavailable = 0, 0: unanswered = 0, ...others } = result.statuses
  const faults: Record<string, number> = {
    'answered 202 and lost': result.lost.length,
    'out of order': result.outOfOrder.length,
    ...(isInTransaction
      ? { 'effects that are there twice': result.duplicates }
      : {
          'two of one task at once': result.overlapping.length,
          'handled twice without a kill to explain it': result.unexplained.length,
        }),
    'handled and never answered 202': result.unknown.length,
    'answered neither 202 nor 503': Object.values(others).reduce((sum, count) => sum + count, 0),
    'not handled in the inbox': result.deliveries - (result.states['delivered'] ?? 0),
  }
  const rows: Row[] = [
    ['receivers killed (SIGKILL)', result.kills],
    ['receivers stalled for longer than their lease (SIGSTOP)', result.stalls],
    ...(isOnPostgres
      ? [['restarts of the server, every other one as after a crash', result.restarts] satisfies Row]
      : []),
    ['webhooks answered 202', result.deliveries],
    ['requests', result.posts],
    ['requests without an answer', unanswered],
    ['requests answered 503', unavailable],
    ...(isInTransaction
      ? []
      : ([
          ['calls of handlers', result.requests],
          ['handled twice', result.duplicates],
          ['most that one kill left to be handled twice', result.mostLeftBehind],
          ['calls in a stalled receiver during or after those of another one', result.late.length],
        ] satisfies Row[])),
    ...Object.entries(faults),
    [isOnPostgres ? '`amcheck`, ids accepted twice' : '`PRAGMA integrity_check`', result.integrity],
    ['duration', inSeconds(result.durationInMs)],
  ]
  const isSound =
    result.integrity === 'ok' &&
    result.mostLeftBehind <= maxConcurrency &&
    Object.values(faults).every((count) => count === 0)
  return { rows, isSound }
}
