export { CommandError } from './command-error.ts'
export { exitCodes } from './exit-codes.ts'
export { run } from './run.ts'

export type { CommandErrorCode } from './command-error.ts'
export type { ReadableLike, RunContext, WritableLike } from './run-context.ts'
