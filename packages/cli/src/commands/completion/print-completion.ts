import type { CliContext } from '../../cli-context.ts'
import { CommandError } from '../../command-error.ts'

/** A shell that completions can be printed for. */
export type Shell = (typeof shells)[number]

const shells = ['bash', 'zsh', 'fish', 'powershell'] as const

/** Prints a script that has the shell ask this command what a word can be. */
export async function printCompletion({ output }: CliContext, _flags: object, shell: Shell): Promise<void> {
  if (!shells.includes(shell)) throw new CommandError('usage_invalid', `shell: must be ${shells.join(', ')}`)
  if (shell === 'bash') return output.print((await import('./bash-script.ts')).bashScript)
  const { script } = await import('@bomb.sh/tab')
  output.print(captureConsole(() => script(shell, 'taskhook', 'taskhook')).trimEnd())
}

/** What is written to the console meanwhile: the library has no other way to give it. */
function captureConsole(write: () => void): string {
  const lines: string[] = []
  const { log } = console
  console.log = (line: string) => void lines.push(line)
  try {
    write()
  } finally {
    console.log = log
  }
  return lines.join('\n')
}
