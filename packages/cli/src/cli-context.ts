import type { CommandContext, StricliProcess } from '@stricli/core'
import type { Output } from './output/output.ts'
import type { ReadableLike } from './run-context.ts'

/** The `this` of every command. */
export interface CliContext extends CommandContext {
  /** Stricli's; commands write through {@link output}. */
  readonly process: StricliProcess
  readonly output: Output
  readonly stdin: ReadableLike
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborted by Ctrl-C, and when nothing reads the output any more. */
  readonly signal: AbortSignal
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Ends with this exit code although nothing was thrown: `status`, for example, when something is wrong. */
  readonly exitWith: (code: number) => void
}
