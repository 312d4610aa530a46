import { run } from './start-postgres.ts'

/** What the server would do in the background is done before something is measured. */
export async function settleDown(url: string): Promise<void> {
  await run(url, 'VACUUM (ANALYZE)')
  await run(url, 'CHECKPOINT')
}
