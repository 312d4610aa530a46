/** Where each code has a page of its own, named after it. Files of the repository: they need no server of ours. */
const documentationUrl = 'https://github.com/taskhook/taskhook/blob/main/docs/errors/'

/**
 * What every taskhook error has: a stable {@link code} to branch on, a message that says what to do, and the address of
 * the page about its code.
 *
 * {@link TaskhookError.isInstance} works across two installed copies of a package, where `instanceof` does not. A
 * subclass declares its {@link TaskhookError.errorName} and inherits the rest.
 *
 * @example
 * class StoreError extends TaskhookError {
 *   static override readonly errorName: string = 'StoreError'
 *   declare readonly code: 'store_unreadable' | 'store_full'
 * }
 */
export class TaskhookError extends Error {
  /** The `name` of this class's errors. Its marker is made of it, so each class has a name of its own. */
  static readonly errorName: string = 'TaskhookError'

  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.errorName
    this.code = code
    // An error has the marker of its class and of each class above, as `instanceof` would have it.
    for (let type = new.target; 'errorName' in type; type = Object.getPrototypeOf(type)) {
      Object.defineProperty(this, markerOf(type.errorName), { value: true })
    }
  }

  /**
   * The address of the page about this code: what it means, who acts, and what to do. A subclass outside of taskhook
   * has its own codes, so it must override this. The getter is on the prototype, so neither `JSON.stringify` nor a
   * comparison of errors sees it.
   */
  get documentation(): string {
    return `${documentationUrl}${encodeURIComponent(this.code)}.md`
  }

  /** Whether `value` is an error of this class, made by this copy of the package or another. */
  static isInstance<E extends TaskhookError>(this: TaskhookErrorClass<E>, value: unknown): value is E {
    if (typeof value !== 'object' || value === null) return false
    // A class without a name of its own has its parent's marker, which says too little.
    if (!Object.hasOwn(this, 'errorName')) return value instanceof this
    return markerOf(this.errorName) in value
  }
}

/** A class of errors `E` below {@link TaskhookError}. */
export interface TaskhookErrorClass<E extends TaskhookError> {
  new (...parameters: never[]): E
  readonly errorName: string
}

function markerOf(errorName: string): symbol {
  return Symbol.for(`taskhook.${errorName}`)
}
