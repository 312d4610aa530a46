import { CommandError } from '../command-error.ts'
import type { ReadableLike, WritableLike } from '../run-context.ts'
import { hasColor } from './has-color.ts'
import { toJsonLine } from './json-line.ts'
import { printable } from './printable.ts'
import { redact } from './redact.ts'
import { createStyle, type Style } from './style.ts'

/** Where a command writes: data to stdout, and everything else to stderr. */
export interface Output {
  /** Whether a person reads stdout. */
  readonly isTerminal: boolean
  /** For what goes to stdout. */
  readonly style: Style
  /** Writes a line of data. Texts that are not taskhook's own go through `printable` before. */
  readonly print: (line: string) => void
  /** Writes a value as a line of JSON. */
  readonly printJson: (value: unknown) => void
  /** Writes a line that is not data: a hint, a count, a warning. Passwords of URLs are left out. */
  readonly note: (line: string) => void
  /** Shows how far a command is, on a terminal only; the next one takes its place. */
  readonly progress: (line: string) => void
  /**
   * Asks on a terminal whether a change is to be made.
   *
   * @throws CommandError `confirmation_needed` when the answer is no, or when there is no terminal to ask on.
   */
  readonly confirm: (question: string) => Promise<void>
}

/** Options of {@link createOutput}. */
export interface OutputOptions {
  stdout: WritableLike
  stderr: WritableLike
  readStdin: () => ReadableLike
  env: Readonly<Record<string, string | undefined>>
}

const eraseLine = '\r\u001b[2K'

/** Makes the output of a command. */
export function createOutput({ stdout, stderr, readStdin, env }: OutputOptions): Output {
  const showsProgress = stderr.isTTY === true && env['TERM'] !== 'dumb'
  let hasProgress = false

  function clearProgress(): void {
    if (hasProgress) stderr.write(eraseLine)
    hasProgress = false
  }

  function print(line: string): void {
    clearProgress()
    stdout.write(`${line}\n`)
  }

  return {
    isTerminal: stdout.isTTY === true,
    style: createStyle(hasColor(stdout, env)),
    print,
    printJson: (value) => print(toJsonLine(value)),
    note(line) {
      clearProgress()
      stderr.write(`${redact(line)}\n`)
    },
    progress(line) {
      if (!showsProgress) return
      stderr.write(`${eraseLine}${printable(line).slice(0, (stderr.columns ?? 80) - 1)}`)
      hasProgress = true
    },
    async confirm(question) {
      const stdin = readStdin()
      if (!stdin.isTTY || !stderr.isTTY) {
        throw new CommandError('confirmation_needed', `${question} There is no terminal to ask on: add --yes`)
      }
      clearProgress()
      const { createInterface } = await import('node:readline')
      // The terminal keeps editing the line, so that Ctrl-C ends the process as everywhere.
      const lines = createInterface({ input: stdin, terminal: false })
      try {
        stderr.write(`${question} [y/N] `)
        for await (const answer of lines) {
          if (/^y(es)?$/i.test(answer.trim())) return
          break
        }
      } finally {
        lines.close()
      }
      throw new CommandError('confirmation_needed', 'nothing was changed')
    },
  }
}
