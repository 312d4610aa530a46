import { OptionError } from '@taskhook/core'
import type * as z from 'zod'
import { ConfigError, type ConfigIssue } from './config-error.ts'
import { describeIssues, formatPath } from './describe-issues.ts'
import type { Interpolation } from './interpolate.ts'
import type { ConfigWithEndpoint, ResolvedWebHookConfig, WebHookConfig } from './web-hook/config.ts'
import { webHookListSchema, webHookSchema } from './web-hook/schema.ts'

/**
 * Checks one section that was written in code or parsed before, and fills in the defaults. A `${` in a string has no
 * meaning here.
 *
 * @throws ConfigError `config_invalid`, with every problem there is.
 */
export function validateConfig(config: WebHookConfig): ResolvedWebHookConfig {
  return validateSection(webHookSchema, config, { value: config, issues: [] }, 'the webHook configuration')
}

/**
 * The same for a section that must say where to post.
 *
 * @throws ConfigError `config_invalid`, with every problem there is.
 * @throws OptionError when it has no `endpoint`.
 */
export function validateEndpoint(config: WebHookConfig): ConfigWithEndpoint {
  const resolved = validateConfig(config)
  if (!hasEndpoint(resolved)) throw new OptionError('endpoint', 'must be set')
  return resolved
}

function hasEndpoint(config: ResolvedWebHookConfig): config is ConfigWithEndpoint {
  return config.endpoint !== undefined && config.id !== undefined
}

/**
 * The same for several sections, which must not share an id.
 *
 * @throws ConfigError `config_invalid`, with every problem there is.
 */
export function validateConfigs(configs: readonly WebHookConfig[]): ResolvedWebHookConfig[] {
  return validateSection(
    webHookListSchema,
    configs,
    { value: configs, issues: [] },
    'the webHook configuration',
  )
}

/**
 * Checks what was `written`, with its variables replaced, against a schema.
 *
 * @param source What messages call the section.
 * @throws ConfigError `config_invalid`, with what the interpolation found and what the schema says.
 */
export function validateSection<Resolved>(
  schema: z.ZodType<Resolved>,
  written: unknown,
  { value, issues: unresolved }: Interpolation,
  source: string,
): Resolved {
  const result = schema.safeParse(value)
  if (result.success && unresolved.length === 0) return result.data

  const issues = unresolved.map(({ path, message }): ConfigIssue => ({ path: formatPath(path), message }))
  // A reference that stayed in its string breaks the rules of the key too, which is nothing more to put right.
  const unresolvedPaths = new Set(issues.map(({ path }) => path))
  const described = result.success ? [] : describeIssues(result.error.issues, written, value)
  issues.push(...described.filter(({ path }) => !unresolvedPaths.has(path)))

  // By line, because zod says the same of [] twice: it is no string, and for a string it is too short.
  const problems = new Map(issues.map((issue) => [`\n  ${issue.path}: ${issue.message}`, issue]))
  const count = problems.size === 1 ? 'a problem' : `${problems.size} problems`
  throw new ConfigError('config_invalid', `${count} in ${source}:${[...problems.keys()].join('')}`, {
    issues: [...problems.values()],
  })
}
