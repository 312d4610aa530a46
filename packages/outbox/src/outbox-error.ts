import { TaskhookError } from '@taskhook/core'

/** What an {@link OutboxError} can be about. */
export type OutboxErrorCode =
  | 'option_invalid'
  | 'ledger_busy'
  | 'ledger_full'
  | 'ledger_read_only'
  | 'ledger_corrupt'
  | 'ledger_unavailable'
  | 'ledger_missing'
  | 'ledger_newer'
  | 'ledger_closed'
  | 'transaction_invalid'
  | 'claim_lost'
  | 'transaction_open'
  | 'already_started'
  | 'idle_timeout'

/**
 * The outbox could not do what was asked, and has changed nothing. By {@link OutboxError.code}:
 *
 * | code | when | what to do |
 * | --- | --- | --- |
 * | `option_invalid` | an option or argument cannot work | change it as the message says |
 * | `ledger_busy` | another process or connection held a lock for too long | try again |
 * | `ledger_full` | the disk is full | make room, and try again |
 * | `ledger_read_only` | the file or its folder cannot be written, or the database is a standby | mend the permissions |
 * | `ledger_corrupt` | the file is damaged, or no database | restore it |
 * | `ledger_unavailable` | the ledger cannot be opened or read otherwise; a file was deleted or replaced | see the cause |
 * | `ledger_missing` | there is no ledger, and none was to be made | see to the file's name, or to the database and its schema |
 * | `ledger_newer` | a newer version of this package wrote the ledger | update this one |
 * | `ledger_closed` | the ledger was closed before | call it earlier |
 * | `transaction_invalid` | a transaction is not open, not durable, or on another database | as the message says |
 * | `claim_lost` | a dedupe store: another receiver has the delivery, which was to be committed in a transaction | roll back |
 * | `transaction_open` | an attempt would wait for its own transaction | give it as `{ transaction }`, or do it outside the attempt |
 * | `already_started` | `start()` or `stop()` was called before | make another outbox |
 * | `idle_timeout` | `idle()` waited for as long as it was told to | look at what is pending |
 */
export class OutboxError extends TaskhookError {
  static override readonly errorName: string = 'OutboxError'
  declare readonly code: OutboxErrorCode

  // Narrows the code to those of the table.
  // oxlint-disable-next-line no-useless-constructor
  constructor(code: OutboxErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options)
  }
}
