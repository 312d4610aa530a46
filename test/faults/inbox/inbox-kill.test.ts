import { expect, test } from 'vitest'
import { createPostgresStore } from '../postgres-store.ts'
import { sound } from '../sound-run.ts'
import { createSqliteStore } from '../sqlite-store.ts'
import { maxConcurrency, runInboxKills } from './run-inbox-kills.ts'

const seed = 20_261_129
const timeoutInMs = 120_000

test.each([
  [
    'a receiver on SQLite that is killed handles all that was answered 202, in order, its effects once',
    createSqliteStore,
    1,
    2,
  ],
  [
    'of three receivers on PostgreSQL two are killed and one stalls: all is handled, in order, its effects once',
    createPostgresStore,
    3,
    2,
  ],
])(
  '%s',
  async (_what, createStore, receivers, kills) => {
    const result = await runInboxKills({ createStore, receivers, isInTransaction: true, kills, seed })
    expect(result).toMatchObject({ ...sound, duplicates: 0, integrity: 'ok' })
    expect(result.states).toEqual({ delivered: result.deliveries })
    expect(result.deliveries).toBeGreaterThanOrEqual(48)
  },
  timeoutInMs,
)

test(
  'without transactions, a kill leaves at the most what was under way to be handled twice',
  async () => {
    const result = await runInboxKills({
      createStore: createSqliteStore,
      receivers: 1,
      isInTransaction: false,
      kills: 2,
      seed,
    })
    expect(result).toMatchObject({ ...sound, integrity: 'ok' })
    expect(result.states).toEqual({ delivered: result.deliveries })
    expect(result.mostLeftBehind).toBeLessThanOrEqual(maxConcurrency)
  },
  timeoutInMs,
)
