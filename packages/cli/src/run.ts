import { ExitCode, run as runApplication, type StricliProcess } from '@stricli/core'
import { application } from './application.ts'
import { exitCodes } from './exit-codes.ts'
import { hasColor } from './output/has-color.ts'
import { createOutput } from './output/output.ts'
import { redact } from './output/redact.ts'
import type { RunContext, WritableLike } from './run-context.ts'

/**
 * Runs the command; resolves to its exit code, see {@link exitCodes}. It rejects never, and ends no process.
 *
 * @param argv What follows `taskhook`.
 * @example
 * process.exitCode = await run(['status', '--json'], process)
 */
export async function run(argv: readonly string[], context: RunContext): Promise<number> {
  const { env, now = Date.now } = context
  // Asked by a shell, see `completion`.
  if (argv[0] === 'complete' && argv[1] === '--') {
    const { proposeWords } = await import('./commands/completion/propose-words.ts')
    await proposeWords(application, argv.slice(2), context)
    return exitCodes.done
  }
  const closed = new AbortController()
  const signal = AbortSignal.any([closed.signal, ...(context.signal ? [context.signal] : [])])
  // What reads the output has gone, `head` for example: that ends the command, and is no failure.
  const close = (): void => closed.abort()
  const streams = [context.stdout, context.stderr]
  for (const stream of streams) stream.on?.('error', close)

  const stdout = forText(context.stdout, env)
  const stderr = forText(context.stderr, env, redact)
  // A group of commands without one of them shows its help, which is no data then.
  const isHelpAsked = argv.length === 0 || argv.some((one) => ['--help', '-h', '--version'].includes(one))
  const process: StricliProcess = { stdout: isHelpAsked ? stdout : stderr, stderr, env }
  let hasRun = false
  await runApplication(application, argv, {
    process,
    forCommand() {
      hasRun = true
      return {
        process,
        output: createOutput({ stdout, stderr, env, readStdin: () => context.stdin }),
        get stdin() {
          return context.stdin
        },
        env,
        signal,
        now,
        exitWith: (code) => void (process.exitCode ??= code),
      }
    },
  })
  for (const stream of streams) stream.off?.('error', close)

  if (!hasRun && !isHelpAsked) return exitCodes.usage
  return toExitCode(Number(process.exitCode))
}

/** Stricli has numbers of its own for what never reached a command. */
function toExitCode(code: number): number {
  if (code === ExitCode.UnknownCommand || code === ExitCode.InvalidArgument) return exitCodes.usage
  return code < 0 ? exitCodes.fault : code
}

/** A stream as a command writes to it. */
function forText(
  stream: WritableLike,
  env: RunContext['env'],
  change: (text: string) => string = (text) => text,
): WritableLike {
  return {
    write: (text) => void stream.write(change(text)),
    getColorDepth: () => (hasColor(stream, env) ? 4 : 1),
    isTTY: stream.isTTY,
    columns: stream.columns,
  }
}
