import { OutboxError } from '@taskhook/outbox'
import type { PostgresConnection, PostgresPool, Row } from './postgres-client.ts'
import { isConflict, toOutboxError } from './postgres-error.ts'

/** Where statements run, see {@link createDatabase}. */
export interface Database {
  /** The schema of the ledger, quoted. */
  schema: string
  /** Runs one statement, a transaction of its own; it is committed when this resolves. */
  query: (text: string, values?: readonly unknown[]) => Promise<Row[]>
  /** Lends a connection, for what takes more than one statement. */
  borrow: <T>(use: (connection: PostgresConnection) => Promise<T>) => Promise<T>
  /** Lends a connection for as long as its borrower needs it. */
  lend: () => Promise<LentConnection>
}

/** A connection that is lent until it is given back. */
export interface LentConnection {
  readonly connection: PostgresConnection
  /** Runs one statement, within the time that a statement may take. */
  query: (text: string, values?: readonly unknown[]) => Promise<Row[]>
  /** Gives it back, or ends it. */
  giveBack: (isToBeEnded: boolean) => void
}

// Each try means that another transaction got through.
const maxTries = 10

/**
 * Runs statements on the connections of a pool. What does not answer in time is given up on this side, connection and all: a
 * server that has vanished says nothing, and TCP would wait for it for minutes.
 */
export function createDatabase(
  pool: PostgresPool,
  { schema, statementTimeoutInMs }: { schema: string; statementTimeoutInMs: number },
): Database {
  function tooLate(): OutboxError {
    const message = `the database did not answer within ${statementTimeoutInMs} ms: what was asked may be done or not`
    return new OutboxError('ledger_unavailable', message)
  }

  async function borrow<T>(use: (connection: PostgresConnection) => Promise<T>): Promise<T> {
    let connection: PostgresConnection | undefined
    let isLate = false
    let timer: NodeJS.Timeout | undefined

    function release(isToBeEnded: boolean): void {
      const released = connection
      connection = undefined
      released?.release(isToBeEnded)
      released?.removeListener('error', ignore)
    }

    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        isLate = true
        release(true)
        reject(tooLate())
      }, statementTimeoutInMs)
    })

    async function run(): Promise<T> {
      const lent = await pool.connect()
      // What goes wrong with the connection fails the statement too; without a listener it would end the process.
      lent.on('error', ignore)
      connection = lent
      if (isLate) {
        release(false)
        throw tooLate()
      }
      return use(lent)
    }

    try {
      const result = await Promise.race([run(), late])
      release(false)
      return result
    } catch (error) {
      release(isFaultOfConnection(error))
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  async function lend(): Promise<LentConnection> {
    const connecting = pool.connect()
    const connection = await inTime(connecting, () => {
      connecting.then((late) => late.release(), ignore)
    })
    connection.on('error', ignore)
    let isGivenBack = false
    return {
      connection,
      async query(text, values = []) {
        const { rows } = await inTime(connection.query(text, [...values]))
        return rows
      },
      giveBack(isToBeEnded) {
        if (isGivenBack) return
        isGivenBack = true
        connection.release(isToBeEnded)
        connection.removeListener('error', ignore)
      },
    }
  }

  async function inTime<T>(promise: Promise<T>, onLate: () => void = ignore): Promise<T> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        onLate()
        reject(tooLate())
      }, statementTimeoutInMs)
    })
    try {
      return await Promise.race([promise, late])
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    schema,
    async lend() {
      try {
        return await lend()
      } catch (error) {
        throw toOutboxError(error)
      }
    },
    async query(text, values = []) {
      for (let tries = 1; ; tries += 1) {
        try {
          const { rows } = await borrow((connection) => connection.query(text, [...values]))
          return rows
        } catch (error) {
          if (tries >= maxTries || !isConflict(error)) throw toOutboxError(error)
        }
      }
    },
    async borrow(use) {
      try {
        return await borrow(use)
      } catch (error) {
        throw toOutboxError(error)
      }
    },
  }
}

/** Whether the next statement shall have another connection: after a failover, this one may be to the wrong server. */
function isFaultOfConnection(error: unknown): boolean {
  return ['ledger_unavailable', 'ledger_read_only'].includes(toOutboxError(error).code)
}

function ignore(): void {}
