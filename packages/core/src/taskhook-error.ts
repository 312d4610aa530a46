const marker = Symbol.for('taskhook.error')

/**
 * What every taskhook error has: a stable {@link code} to branch on and a message that says what to do.
 *
 * The marker makes {@link TaskhookError.isInstance} work across two installed copies of the package, where
 * `instanceof` does not.
 */
export class TaskhookError extends Error {
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'TaskhookError'
    this.code = code
    Object.defineProperty(this, marker, { value: true })
  }

  /** Whether `value` is a taskhook error, made by this copy of the package or another. */
  static isInstance(value: unknown): value is TaskhookError {
    return typeof value === 'object' && value !== null && marker in value
  }
}
