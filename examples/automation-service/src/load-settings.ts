import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import * as z from 'zod'

/** What the configuration file says beside its `webHook` section. */
export interface Settings {
  host: string
  /** 0 for any that is free. */
  port: number
  /** Of tasks and outbox: `sqlite:<file>`, a relative path from the folder of the configuration file, or `postgres://…`. */
  database: string
  /** After which the deliveries of a process that has gone silent are another one's, in milliseconds. */
  leaseInMs: number
  /** `debug` logs every attempt, `info` only those that fail. */
  logLevel: 'debug' | 'info' | 'warn' | 'error'
}

const settingsSchema: z.ZodType<Settings> = z.object({
  host: z.string().default('127.0.0.1'),
  port: z.int().min(0).max(65_535).default(3000),
  database: z
    .string()
    .regex(/^(?:sqlite:|postgres:\/\/)./v)
    .default('sqlite:automation.db'),
  leaseInMs: z.int().min(1).default(15_000),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
})

/** Reads the settings of the service, with their defaults. */
export async function loadSettings(configFile: string): Promise<Settings> {
  const settings = settingsSchema.parse(JSON.parse(await readFile(configFile, 'utf8')))
  const file = /^sqlite:(.+)/v.exec(settings.database)?.[1]
  if (file === undefined) return settings
  return { ...settings, database: `sqlite:${resolve(dirname(configFile), file)}` }
}
