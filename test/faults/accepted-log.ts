import { existsSync, readFileSync } from 'node:fs'

/** An event that `send` resolved for. */
export interface AcceptedEvent {
  task: string
  /** Its place among the events of its task, from 0. */
  index: number
  /** One an endpoint. */
  deliveryIds: readonly string[]
}

/** Reads what sender processes noted; nothing when there is no log yet. */
export function readAcceptedLog(log: string): AcceptedEvent[] {
  if (!existsSync(log)) return []
  return readFileSync(log, 'utf8')
    .trimEnd()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [task = '', index, ...deliveryIds] = line.split(' ')
      return { task, index: Number(index), deliveryIds }
    })
}
