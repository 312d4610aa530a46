import type { CliContext } from '../../cli-context.ts'
import { CommandError } from '../../command-error.ts'
import type { SecretFlags } from './secret-flags.ts'

/**
 * The secrets from `--secret`, or else from the configuration, or else from `TASKHOOK_SECRET`. An empty list if there
 * are none.
 *
 * @throws ConfigError; CommandError `not_found`, `usage_invalid`.
 */
export async function findSecrets(
  { env }: Pick<CliContext, 'env'>,
  { secret, config, endpoint }: SecretFlags,
): Promise<readonly string[]> {
  if (secret !== undefined && secret.length > 0) return secret
  if (config !== undefined) {
    const { findSection } = await import('./find-section.ts')
    return [(await findSection(config, { endpoint, env })).secret ?? []].flat()
  }
  if (endpoint !== undefined) throw new CommandError('usage_invalid', '--endpoint needs --config')
  const fromEnvironment = env['TASKHOOK_SECRET']
  return fromEnvironment === undefined || fromEnvironment === '' ? [] : [fromEnvironment]
}

/**
 * The same where there must be one.
 *
 * @throws as {@link findSecrets}; CommandError `usage_invalid` when there is none.
 */
export async function requireSecrets(
  context: Pick<CliContext, 'env'>,
  flags: SecretFlags,
): Promise<readonly string[]> {
  const secrets = await findSecrets(context, flags)
  if (secrets.length > 0) return secrets
  throw new CommandError(
    'usage_invalid',
    'there is no secret: set TASKHOOK_SECRET, which other users of the machine do not see, or give --secret or --config',
  )
}
