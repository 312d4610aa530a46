import { spawn, type ChildProcess } from 'node:child_process'
import type { Socket } from 'node:net'

/**
 * Removes a directory when this process is no more, however it ended, and ends the server that works in it: nothing is left of a
 * test that was killed. Returns the process that does it, which is killed when there is nothing left to do.
 */
export function endWithProcess(directory: string, server?: ChildProcess): ChildProcess | undefined {
  if (process.platform === 'win32') return undefined
  // What it reads from ends with this process.
  const end = server === undefined ? '' : `kill -QUIT ${server.pid}; sleep 1; `
  const shell = spawn('/bin/sh', ['-c', `read -r _; ${end}rm -rf "$0"`, directory], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  shell.unref()
  ;(shell.stdin as Socket).unref()
  return shell
}
