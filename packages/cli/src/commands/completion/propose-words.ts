import { proposeCompletions } from '@stricli/core'
import type { application } from '../../application.ts'
import type { RunContext } from '../../run-context.ts'

// What the scripts of `@bomb.sh/tab` read in the last line: other words are no file names.
const noFiles = ':4'

/**
 * Answers a completion script, which calls `taskhook complete -- <words>`. Each line has a word with its meaning. The
 * last line says that no file names fit. Words are never an error here: without a completion, there is none.
 */
export async function proposeWords(
  app: typeof application,
  words: readonly string[],
  { stdout, stderr, env }: Pick<RunContext, 'stdout' | 'stderr' | 'env'>,
): Promise<void> {
  const process = { stdout, stderr, env }
  const proposals = await proposeCompletions(app, words, { process } as never).catch(() => [])
  for (const { completion, brief } of proposals) stdout.write(`${completion}\t${brief}\n`)
  stdout.write(`${noFiles}\n`)
}
