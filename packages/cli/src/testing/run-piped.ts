import { PassThrough, Readable } from 'node:stream'
import type { RunContext } from '../run-context.ts'
import { run } from '../run.ts'

/** What a command left behind. */
export interface PipedRun {
  code: number
  stdout: string
  stderr: string
  /** The lines of stdout as JSON values. */
  values: () => unknown[]
}

/** Runs the command in this process, with pipes all around it. */
export async function runPiped(
  argv: readonly string[],
  { input = '', ...given }: Partial<Omit<RunContext, 'stdin'>> & { input?: string } = {},
): Promise<PipedRun> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const stdin = Readable.from(input === '' ? [] : [Buffer.from(input)])
  const code = await run(argv, { stdout, stderr, stdin, env: {}, ...given })
  const text = read(stdout)
  return {
    code,
    stdout: text,
    stderr: read(stderr),
    values: () =>
      text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as unknown),
  }
}

function read(stream: PassThrough): string {
  return String((stream.read() as Buffer | null) ?? '')
}
