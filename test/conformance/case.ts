import type { VerifierOptions } from '@taskhook/core'
import type { WireRequest } from './exchange.ts'
import type { Expected } from './expected.ts'
import type { ReceiverName } from './receivers.ts'

/** One request and what every receiver makes of it. */
export interface Case {
  name: string
  /** Beside the secret and a clock that stands still. */
  options?: Partial<VerifierOptions>
  request: WireRequest
  expected: Expected
  /** Where a framework answers before the adapter is asked, or shows it another request, and what comes of that. */
  differs?: Partial<Record<ReceiverName, Expected>>
}
