import { ConfigError } from '../config/config-error.ts'
import { parseConfig } from '../config/parse-config.ts'

/** The problems that `parseConfig` has with a section, one line each. For tests. */
export function listProblems(section: unknown, env: Record<string, string> = {}): string[] {
  try {
    parseConfig(section, { env })
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.issues.map(({ path, message }) => `${path}: ${message}`)
  }
}
