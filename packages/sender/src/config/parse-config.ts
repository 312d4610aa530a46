import { checkOptions } from '@taskhook/core'
import { interpolate, type Environment } from './interpolate.ts'
import { validateSection } from './validate-config.ts'
import type { ResolvedWebHookConfig } from './web-hook/config.ts'
import { webHookListSchema, webHookSchema } from './web-hook/schema.ts'

/** Options of {@link parseConfig}. */
export interface ParseConfigOptions {
  /** Where the variables of `"${NAME}"` come from. Default: `process.env`. */
  env?: Environment
}

/**
 * Checks the value of the `webHook` key, an object or an array of them, and fills in the defaults. First, `"${NAME}"`
 * anywhere in a string is replaced from the environment. A name that is not set is a problem, also in a section that is
 * not enabled. All sections are returned, enabled or not.
 *
 * @throws ConfigError `config_invalid`, with every problem there is.
 * @throws OptionError for an option that is not known.
 * @example
 * const [config] = parseConfig({ enabled: true, endpoint: 'https://www.example.org/automation', secret: '${SECRET}' })
 */
export function parseConfig(section: unknown, options?: ParseConfigOptions): ResolvedWebHookConfig[] {
  return parseSection(section, readEnvironment(options), 'the webHook section')
}

/**
 * The environment of the options.
 *
 * @throws OptionError for an option that is not known.
 */
export function readEnvironment(options?: ParseConfigOptions): Environment {
  checkOptions<ParseConfigOptions>(options, { env: true })
  return options?.env ?? process.env
}

/** {@link parseConfig} of a section that messages call `source`. */
export function parseSection(section: unknown, env: Environment, source: string): ResolvedWebHookConfig[] {
  const interpolation = interpolate(section, env)
  return Array.isArray(section)
    ? validateSection(webHookListSchema, section, interpolation, source)
    : [validateSection(webHookSchema, section, interpolation, source)]
}
