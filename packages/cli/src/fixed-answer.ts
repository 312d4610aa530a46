import { stripVTControlCharacters } from 'node:util'
import packageJson from '../package.json' with { type: 'json' }
import { helpText } from './help-text.ts'
import { hasColor } from './output/has-color.ts'
import type { RunContext } from './run-context.ts'

/**
 * What the command answers without a look at anything: its help and its version. They are texts, so that they need neither the parser nor
 * the commands, which take most of the time of a start. `undefined`: the command has to run.
 */
export function fixedAnswer(
  argv: readonly string[],
  { stdout, env }: Pick<RunContext, 'stdout' | 'env'>,
): string | undefined {
  if (argv.length > 1) return undefined
  const [word = '--help'] = argv
  if (word === '--version') return `${packageJson.version}\n`
  if (word !== '--help' && word !== '-h') return undefined
  return hasColor(stdout, env) ? helpText : stripVTControlCharacters(helpText)
}
