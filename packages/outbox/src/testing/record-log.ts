import type { LoggerLike, LogLine } from '../tasks/observe/log-messages.ts'

/** A logger of pino's shape that keeps what it is told. */
export function recordLog(): { logger: LoggerLike; lines: LogLine[] } {
  const lines: LogLine[] = []
  const level = (name: LogLine['level']) => (fields: object, message: string) =>
    void lines.push({ level: name, fields: { ...fields }, message })
  const logger = { debug: level('debug'), info: level('info'), warn: level('warn'), error: level('error') }
  return { logger, lines }
}
