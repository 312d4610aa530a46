import { TaskhookError } from './taskhook-error.ts'

const marker = Symbol.for('taskhook.option-error')

/**
 * An option or argument that cannot work, refused when it is given rather than when it is first used.
 * Its code is always `option_invalid`; {@link option} names the one at fault. The value is never in the message.
 */
export class OptionError extends TaskhookError {
  declare readonly code: 'option_invalid'
  readonly option: string

  constructor(option: string, expectation: string, options?: ErrorOptions) {
    super('option_invalid', `${option}: ${expectation}`, options)
    this.name = 'OptionError'
    this.option = option
    Object.defineProperty(this, marker, { value: true })
  }

  /** Whether `value` is an option error, made by this copy of the package or another. */
  static override isInstance(value: unknown): value is OptionError {
    return typeof value === 'object' && value !== null && marker in value
  }
}
