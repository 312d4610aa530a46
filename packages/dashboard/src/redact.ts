/** What a text is that a page would show. */
export interface RedactContext {
  /** The body that is delivered, or the beginning of the answer. */
  part: 'payload' | 'answer'
  outbox: string
  endpointId: string
  taskId: string
  eventType: string
}

/** Takes out of a text what must not be seen, and returns the rest. */
export type RedactHook = (text: string, context: RedactContext) => string

/** What a page shows of a text. */
export type Redact = (text: string, context: RedactContext) => string

/** A hook that fails, or forgets to return something, hides everything rather than nothing. */
export function createRedact(hook: RedactHook | undefined): Redact {
  if (hook === undefined) return (text) => text
  return (text, context) => {
    try {
      const shown: unknown = hook(text, context)
      return typeof shown === 'string' ? shown : '[hidden: redact() returned no text]'
    } catch {
      // Without its message: it may quote the text.
      return '[hidden: redact() failed]'
    }
  }
}
