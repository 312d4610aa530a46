import { TaskhookError } from '@taskhook/core/errors'

/** What a {@link CommandError} can be about. */
export type CommandErrorCode =
  | 'usage_invalid'
  | 'outbox_not_given'
  | 'confirmation_needed'
  | 'not_found'
  | 'check_failed'
  | 'delivery_failed'
  | 'endpoint_unavailable'

/**
 * A command could not do what it was asked. By {@link CommandError.code}:
 *
 * | code | exit code | when |
 * | --- | --- | --- |
 * | `usage_invalid` | 2 | an argument cannot work |
 * | `outbox_not_given` | 2 | neither `--outbox` nor `TASKHOOK_OUTBOX` says where the outbox is |
 * | `confirmation_needed` | 2 | a change without `--yes`, and no terminal to ask on; or the answer was no |
 * | `not_found` | 3 | the delivery, task or endpoint is not known |
 * | `check_failed` | 1 | a check found something wrong |
 * | `delivery_failed` | 1 | the receiver did not take a delivery |
 * | `endpoint_unavailable` | 4 | an endpoint cannot be reached |
 */
export class CommandError extends TaskhookError {
  static override readonly errorName: string = 'CommandError'
  declare readonly code: CommandErrorCode

  // Narrows the code to those of the table.
  // oxlint-disable-next-line no-useless-constructor
  constructor(code: CommandErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options)
  }
}
