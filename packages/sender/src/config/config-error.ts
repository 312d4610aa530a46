import { TaskhookError } from '@taskhook/core'

/** What {@link ConfigError} can be about. */
export type ConfigErrorCode =
  | 'config_invalid'
  | 'config_missing_section'
  | 'config_not_json'
  | 'config_unreadable'

/** One thing that is wrong with the `webHook` section. */
export interface ConfigIssue {
  /** Where: `webHook.connectionTimeout`, `webHook[1].headers["x-installation"]`. */
  readonly path: string
  /** What is allowed and what was found. Neither secrets nor anything read from the environment is in it. */
  readonly message: string
}

/**
 * A configuration that cannot be used. By {@link code}:
 * - `config_invalid`: the `webHook` section breaks its rules; {@link issues} has every problem, the message one line each
 * - `config_missing_section`: the file is JSON without a `webHook` section
 * - `config_not_json`: the file is not JSON in UTF-8; the message has line and column, never an excerpt
 * - `config_unreadable`: the file cannot be read; `cause` is the file system's error
 */
export class ConfigError extends TaskhookError {
  static override readonly errorName: string = 'ConfigError'
  declare readonly code: ConfigErrorCode
  readonly issues: readonly ConfigIssue[]

  constructor(
    code: ConfigErrorCode,
    message: string,
    { issues = [], ...options }: ErrorOptions & { issues?: readonly ConfigIssue[] } = {},
  ) {
    super(code, message, options)
    this.issues = issues
  }
}
