import type { Cause } from './causes.ts'

/** Something that may have been signed, or signed with; and why it would be another than it should. No causes: it is as it should be. */
export interface Candidate<Value> {
  readonly value: Value
  readonly causes: readonly Cause[]
}
