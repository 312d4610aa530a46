import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import type { CliContext } from '../../cli-context.ts'
import { CommandError } from '../../command-error.ts'

/**
 * The bytes of a file, or of stdin for `-`.
 *
 * @throws CommandError `usage_invalid` when the file cannot be read.
 */
export async function readInput(
  { output, stdin }: Pick<CliContext, 'output' | 'stdin'>,
  file: string,
): Promise<Buffer> {
  if (file === '-') {
    if (stdin.isTTY) output.note('reading from the terminal; end with Ctrl-D')
    return buffer(stdin)
  }
  try {
    return await readFile(file)
  } catch (cause) {
    throw new CommandError('usage_invalid', `${file} cannot be read`, { cause })
  }
}
