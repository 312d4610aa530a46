import { proposeCompletions } from '@stricli/core'
import type { application } from '../../application.ts'
import type { RunContext } from '../../run-context.ts'

// What the scripts of `@bomb.sh/tab` read in the last line: other words are no file names.
const noFiles = ':4'

/**
 * Answers a completion script, which calls `taskhook complete -- <words>`: a word a line with what it is for, and how to go on. Words
 * are never wrong here: what cannot be completed has no completion.
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
