import { loadConfig } from '@taskhook/sender'
import { CommandError } from '../../command-error.ts'

/** A section of a configuration file. */
export type Section = Awaited<ReturnType<typeof loadConfig>>[number]

/**
 * The section of an endpoint in a configuration file: the one that has the id, or the only one.
 *
 * @throws ConfigError; CommandError `not_found`, or `usage_invalid` when there are several and none is named.
 */
export async function findSection(
  file: string,
  { endpoint, env }: { endpoint?: string | undefined; env: Readonly<Record<string, string | undefined>> },
): Promise<Section> {
  const sections = await loadConfig(file, { env })
  const ids = sections.map(({ id = '(without an endpoint)' }) => id).join(', ')
  if (endpoint !== undefined) {
    const found = sections.find(({ id }) => id === endpoint)
    if (found !== undefined) return found
    throw new CommandError('not_found', `${file} has no endpoint "${endpoint}"; it has ${ids}`)
  }
  const [only] = sections
  if (only !== undefined && sections.length === 1) return only
  throw new CommandError(
    'usage_invalid',
    `${file} has ${sections.length} endpoints: choose with --endpoint: ${ids}`,
  )
}
