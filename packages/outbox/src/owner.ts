import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'

/** A dispatcher, as it signs its leases: host, process, when that process started, and which of its dispatchers. */
export function createOwner(): string {
  return [hostname(), process.pid, startedAt('self') ?? '', randomUUID()].join('/')
}

/**
 * Whether the dispatcher that signed a lease may still be there. Of another machine, that cannot be known here: its leases
 * end by themselves. Of this one, the process must run, and be the same: a number is used again, by containers at once.
 */
export function isOwnerAlive(owner: string): boolean {
  const [host, pid = '', start = ''] = owner.split('/')
  if (host !== hostname()) return true
  if (!isRunning(Number(pid))) return false
  return start === '' || start === startedAt(pid)
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Somebody else's process is a process.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** When a process started, in ticks since the machine did: field 22 of proc_pid_stat(5). `undefined` without a /proc. */
function startedAt(pid: string): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the program's name in parentheses, and may have anything in it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}
