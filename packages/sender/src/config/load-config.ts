import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { parse } from '@humanwhocodes/momoa'
import { ConfigError } from './config-error.ts'
import { parseSection, readEnvironment, type ParseConfigOptions } from './parse-config.ts'
import type { ResolvedWebHookConfig } from './web-hook/config.ts'

/**
 * Reads the `webHook` section of a service's JSON configuration file, checks it and fills in the defaults, as
 * {@link parseConfig} does. The rest of the file is not looked at. A relative `sslKeyFile` or `sslTrustFile` is
 * resolved against the folder of the file.
 *
 * @param file Its path; the text is UTF-8, with or without byte order mark.
 * @throws ConfigError `config_unreadable`, `config_not_json`, `config_missing_section` or `config_invalid`.
 * @throws OptionError for an option that is not known.
 * @example
 * const [config] = await loadConfig('config.json')
 */
export async function loadConfig(
  file: string,
  options?: ParseConfigOptions,
): Promise<ResolvedWebHookConfig[]> {
  const env = readEnvironment(options)
  const document = parseJson(decode(await read(file), file), file)
  const configs = parseSection(webHookSection(document, file), env, `the webHook section of ${file}`)
  return configs.map((config) => resolveFiles(config, dirname(file)))
}

function resolveFiles(config: ResolvedWebHookConfig, folder: string): ResolvedWebHookConfig {
  const { sslKeyFile, sslTrustFile } = config
  return {
    ...config,
    ...(sslKeyFile === undefined ? {} : { sslKeyFile: resolve(folder, sslKeyFile) }),
    ...(sslTrustFile === undefined ? {} : { sslTrustFile: resolve(folder, sslTrustFile) }),
  }
}

async function read(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file)
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? 'unknown reason'
    throw new ConfigError('config_unreadable', `${file} cannot be read (${reason})`, { cause })
  }
}

function decode(bytes: Uint8Array, file: string): string {
  try {
    // Takes the byte order mark off; strict, so that a secret in another encoding is not read as another secret.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new ConfigError('config_not_json', `${file} is not JSON: it is not UTF-8 text`)
  }
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not as cause: the message of a SyntaxError quotes the text around the error, which may be a secret.
    throw new ConfigError('config_not_json', `${file} is not JSON: ${syntaxError(text)}`)
  }
}

/** Where the text stops being JSON. `JSON.parse()` tells only for some errors; momoa does for all but one. */
function syntaxError(text: string): string {
  try {
    parse(text, { mode: 'json' })
    return 'a string in it has a line break or another control character'
  } catch (error) {
    const { line, column } = error as { line: number; column: number }
    return `syntax error in line ${line}, column ${column}`
  }
}

function webHookSection(document: unknown, file: string): unknown {
  const isObject = typeof document === 'object' && document !== null
  if (isObject && Object.hasOwn(document, 'webHook')) return (document as { webHook: unknown }).webHook

  const lookalike = isObject && Object.keys(document).find((key) => key.toLowerCase() === 'webhook')
  const hint = lookalike ? `; it has "${lookalike}", which is spelled "webHook"` : ''
  throw new ConfigError('config_missing_section', `${file} has no "webHook" section${hint}`)
}
