/** What was found by one of the examinations of `doctor`. */
export interface Diagnosis {
  examination: 'schema' | 'clock' | 'processes' | 'backlog' | 'configuration' | 'certificates' | 'drift'
  level: 'ok' | 'warning' | 'error'
  message: string
}
