import { readFileSync, readlinkSync } from 'node:fs'

/**
 * Where a dispatcher runs, for others on the same machine to see that it is dead before its lease ends. A host name and a process id
 * are not enough: containers have the same of both. So it is the start of the kernel, the namespace of process ids, the process id, and
 * when that process started.
 */
interface Place {
  boot: string
  namespace: string
  pid: number
  startedAt: string
}

/** Where this process runs; empty where the system does not say. */
export function describePlace(): string {
  const place = ownPlace()
  return place === undefined ? '' : JSON.stringify(place)
}

/** Whether the process of a place is surely dead. When in doubt it is not: then its lease ends by itself. */
export function isSurelyDead(description: string): boolean {
  const own = ownPlace()
  const other = parse(description)
  if (own === undefined || other === undefined) return false
  if (own.boot !== other.boot || own.namespace !== other.namespace) return false
  if (!isRunning(other.pid)) return true
  // The number may have been used again, by containers at once.
  const startedAt = readStart(String(other.pid))
  return startedAt !== undefined && startedAt !== other.startedAt
}

function ownPlace(): Place | undefined {
  try {
    // A /proc of another namespace has other processes under these numbers.
    if (readlinkSync('/proc/self') !== String(process.pid)) return undefined
    const startedAt = readStart('self')
    if (startedAt === undefined) return undefined
    return {
      boot: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
      namespace: readlinkSync('/proc/self/ns/pid'),
      pid: process.pid,
      startedAt,
    }
  } catch {
    return undefined
  }
}

function parse(description: string): Place | undefined {
  try {
    const { boot, namespace, pid, startedAt } = JSON.parse(description) as Partial<Place>
    const isWhole = [boot, namespace, startedAt].every((each) => typeof each === 'string' && each !== '')
    return isWhole && Number.isSafeInteger(pid) ? ({ boot, namespace, pid, startedAt } as Place) : undefined
  } catch {
    return undefined
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // A process of another user is a process.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** When a process started, in ticks since the machine did: field 22 of proc_pid_stat(5). `undefined` when it cannot be read. */
function readStart(pid: string): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the program's name in parentheses, and may have anything in it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // A zombie holds nothing any more, but its parent has not asked for its end yet.
    return fields[0] === 'Z' ? 'ended' : fields[19]
  } catch {
    return undefined
  }
}
