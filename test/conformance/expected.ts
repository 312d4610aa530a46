import { taskId } from './signed.ts'

/** What comes of a request. */
export type Expected =
  | { outcome: 'handled'; taskId: string }
  | { outcome: 'acknowledged' }
  | { outcome: 'refused'; code: string; status: number }

/** The handler has run, with the task of `signed`. */
export const handled: Expected = { outcome: 'handled', taskId }

/** The sender was told 204, and the handler has not run. */
export const acknowledged: Expected = { outcome: 'acknowledged' }

/** The sender was told why, and the handler has not run. */
export const refused = (status: number, code: string): Expected => ({ outcome: 'refused', status, code })
