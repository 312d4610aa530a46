import type { WebHookConfig, WebHookOptions } from '@taskhook/sender'
import type { CliContext } from '../../cli-context.ts'
import { CommandError } from '../../command-error.ts'
import { parseHeader } from '../request/parse-header.ts'
import { findSection } from '../secret/find-section.ts'
import { findSecrets } from '../secret/find-secrets.ts'
import type { SecretFlags } from '../secret/secret-flags.ts'

/** What of a configuration's section the command line can say. */
export interface SectionFlags extends SecretFlags {
  key?: string | undefined
  header?: readonly string[] | undefined
  timeout?: string | undefined
  useSslTrustAll?: boolean | undefined
  useSslClientCert?: boolean | undefined
  sslKeyFile?: string | undefined
  sslTrustFile?: string | undefined
}

/**
 * The section of the configuration, if one is given, with what the command line says in its place.
 *
 * @throws ConfigError; OptionError for a header; CommandError `usage_invalid`, `not_found`.
 */
export async function toSection(
  { env }: Pick<CliContext, 'env'>,
  { config, endpoint, ...flags }: SectionFlags,
  url: string | undefined,
): Promise<WebHookConfig> {
  const section = config === undefined ? undefined : await findSection(config, { endpoint, env })
  const target = url ?? section?.endpoint
  if (target === undefined) {
    throw new CommandError(
      'usage_invalid',
      'say where to send: taskhook send <url>, or --config with an endpoint',
    )
  }
  const secret = await findSecrets({ env }, { ...flags, config, endpoint })
  const given: WebHookOptions = {
    ...(secret.length > 0 && { secret }),
    ...(flags.key !== undefined && { key: flags.key }),
    ...(flags.header !== undefined && {
      headers: { ...section?.headers, ...Object.fromEntries(flags.header.map(parseHeader)) },
    }),
    ...(flags.timeout !== undefined && { connectionTimeout: flags.timeout, responseTimeout: flags.timeout }),
    ...(flags.useSslTrustAll !== undefined && { useSslTrustAll: flags.useSslTrustAll }),
    ...(flags.useSslClientCert !== undefined && { useSslClientCert: flags.useSslClientCert }),
    ...(flags.sslKeyFile !== undefined && {
      sslKeyFile: flags.sslKeyFile,
      ...password('sslKeyPassword', env['TASKHOOK_SSL_KEY_PASSWORD']),
    }),
    ...(flags.sslTrustFile !== undefined && {
      sslTrustFile: flags.sslTrustFile,
      ...password('sslTrustPassword', env['TASKHOOK_SSL_TRUST_PASSWORD']),
    }),
  }
  return { ...section, ...given, enabled: true, endpoint: target }
}

function password(
  name: 'sslKeyPassword' | 'sslTrustPassword',
  value: string | undefined,
): Pick<WebHookOptions, 'sslKeyPassword' | 'sslTrustPassword'> {
  return value === undefined ? {} : { [name]: value }
}
