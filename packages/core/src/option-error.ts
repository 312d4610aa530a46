import { TaskhookError } from './taskhook-error.ts'

/**
 * An option or argument that cannot work, refused when it is given rather than when it is first used.
 * Its code is always `option_invalid`; {@link option} names the one at fault. The value is never in the message.
 */
export class OptionError extends TaskhookError {
  static override readonly errorName: string = 'OptionError'
  declare readonly code: 'option_invalid'
  readonly option: string

  constructor(option: string, expectation: string, options?: ErrorOptions) {
    super('option_invalid', `${option}: ${expectation}`, options)
    this.option = option
  }
}
