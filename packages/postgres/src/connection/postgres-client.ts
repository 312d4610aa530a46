/** A row as `pg` gives it. */
export type Row = Readonly<Record<string, unknown>>

/**
 * A connection of the application with an open transaction: the needed part of a `Client` or `PoolClient` of `pg`. With
 * a query builder over `pg`, it is the client that the transaction runs on.
 */
export interface PostgresClient {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>
  /** `I` when no transaction is open; since `pg` 8.20. Without it, a transaction that is not open is not noticed. */
  getTransactionStatus?(): string | null
}

/** A connection of a pool: what is called of a `PoolClient` of `pg`. */
export interface PostgresConnection extends PostgresClient {
  query(text: string, values?: unknown[]): Promise<{ rows: Row[] }>
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'notification', listener: (message: { payload?: string | undefined }) => void): unknown
  removeListener(event: 'error', listener: (error: Error) => void): unknown
  /** Gives the connection back, or ends it. */
  release(isToBeEnded?: boolean): void
}

/** The application's own pool: what is called of a `Pool` of `pg`. */
export interface PostgresPool {
  connect(): Promise<PostgresConnection>
  /** How many connections there are at the most. */
  readonly options?: { readonly max?: number | undefined }
  on?(event: 'connect', listener: (connection: PostgresConnection) => void): unknown
}
