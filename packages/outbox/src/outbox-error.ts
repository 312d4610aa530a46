const marker = Symbol.for('taskhook.outbox-error')

/** What an {@link OutboxError} can be about. */
export type OutboxErrorCode =
  | 'option_invalid'
  | 'ledger_busy'
  | 'ledger_full'
  | 'ledger_read_only'
  | 'ledger_corrupt'
  | 'ledger_unavailable'
  | 'ledger_newer'
  | 'ledger_closed'
  | 'transaction_invalid'

/**
 * The outbox could not do what was asked, and has changed nothing. By {@link code}:
 * - `option_invalid`: an option or argument that cannot work;
 * - `ledger_busy`: another process or connection held the write lock for too long; try again;
 * - `ledger_full`: the disk is full; `ledger_read_only`: the file or its folder cannot be written;
 * - `ledger_corrupt`: the file is damaged or no database; `ledger_unavailable`: it cannot be opened or read otherwise;
 * - `ledger_newer`: a newer version of this package wrote the file;
 * - `ledger_closed`: after `close()`;
 * - `transaction_invalid`: a transaction that is not open, not durable, or on another database.
 */
export class OutboxError extends Error {
  readonly code: OutboxErrorCode

  constructor(code: OutboxErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'OutboxError'
    this.code = code
    Object.defineProperty(this, marker, { value: true })
  }

  /** Whether `value` is an outbox error, made by this copy of the package or another. */
  static isInstance(value: unknown): value is OutboxError {
    return typeof value === 'object' && value !== null && marker in value
  }
}
