/** A stream that a command writes to; `process.stdout` is one. */
export interface WritableLike {
  write(text: string): unknown
  /** Whether a terminal is at its other end. Default false. */
  readonly isTTY?: boolean | undefined
  /** The width of that terminal, in characters. */
  readonly columns?: number | undefined
  getColorDepth?(env?: object): number
  on?(event: 'error', listener: (error: Error) => void): unknown
  off?(event: 'error', listener: (error: Error) => void): unknown
}

/** A stream that a command reads; `process.stdin` is one. */
export type ReadableLike = NodeJS.ReadableStream & { readonly isTTY?: boolean | undefined }

/** What the command has around it: `process`, or what a test puts in its place. */
export interface RunContext {
  stdout: WritableLike
  stderr: WritableLike
  stdin: ReadableLike
  env: Readonly<Record<string, string | undefined>>
  /** Ends the commands that run until they are stopped: `tail`, `listen`. */
  signal?: AbortSignal
  /** Milliseconds since 1970. Default `Date.now`. */
  now?: () => number
}
