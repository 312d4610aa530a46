import type { Server } from 'node:http'
import { stayAwake } from '../stay-awake.ts'

const patienceInMs = 50

/** Keeps a server from sleeping while requests come in; when it is another one's turn, it takes nothing from that one. */
export function stayAwakeWhileRequested(server: Server): void {
  let lastAt = 0
  let isAwake = false
  const isOver = (): boolean => {
    isAwake = performance.now() - lastAt < patienceInMs
    return !isAwake
  }
  server.on('request', () => {
    lastAt = performance.now()
    if (!isAwake) stayAwake(isOver)
  })
}
