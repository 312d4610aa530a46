import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import type { ReceivedRequest } from '../received-request.ts'

/** Notes that a receiver process is gone, and what its handlers had begun with it. */
export function noteDeath(log: string, receiver: string): void {
  appendFileSync(log, `gone ${receiver}\n`)
}

/** How many handlers have succeeded. */
export function countEnds(log: string): number {
  return readLines(log).filter((line) => line.startsWith('end ')).length
}

/** The calls of handlers that are in a log, as requests at an endpoint: {@link judge} compares them with what was accepted. */
export function readHandlerLog(log: string): ReceivedRequest[] {
  const calls: ReceivedRequest[] = []
  const open = new Map<string, ReceivedRequest>()
  const close = (key: string, call: ReceivedRequest, endedAt: number): void => {
    call.endedAt = endedAt
    open.delete(key)
  }
  for (const [place, line] of readLines(log).entries()) {
    const [kind, sender = '', id = ''] = line.split(' ')
    const key = `${sender} ${id}`
    const call = open.get(key)
    if (kind === 'begin') {
      const begun = { id, sender, arrivedAt: place, endedAt: Infinity, isDelivered: false }
      calls.push(begun)
      open.set(key, begun)
    } else if (kind === 'gone') {
      for (const [openKey, left] of open) if (left.sender === sender) close(openKey, left, place)
    } else if (call !== undefined) {
      call.isDelivered = kind === 'end'
      close(key, call, place)
    }
  }
  return calls
}

function readLines(log: string): string[] {
  if (!existsSync(log)) return []
  return readFileSync(log, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
}
