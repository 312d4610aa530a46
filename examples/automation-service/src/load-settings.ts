import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import * as z from 'zod'

/** What the configuration file says beside its `webHook` section. */
export interface Settings {
  host: string
  /** 0 for any that is free. */
  port: number
  /** The SQLite file of tasks and outbox; a relative path is from the folder of the configuration file. */
  database: string
  /** `debug` logs every attempt, `info` only those that fail. */
  logLevel: 'debug' | 'info' | 'warn' | 'error'
}

const settingsSchema: z.ZodType<Settings> = z.object({
  host: z.string().default('127.0.0.1'),
  port: z.int().min(0).max(65_535).default(3000),
  database: z.string().default('automation.db'),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
})

/** Reads the settings of the service, with their defaults. */
export async function loadSettings(configFile: string): Promise<Settings> {
  const settings = settingsSchema.parse(JSON.parse(await readFile(configFile, 'utf8')))
  return { ...settings, database: resolve(dirname(configFile), settings.database) }
}
