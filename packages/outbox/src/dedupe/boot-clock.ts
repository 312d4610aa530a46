import { readFileSync } from 'node:fs'

/** The time since the machine was started, which all its processes share and which no one sets. */
export interface BootClock {
  /** Names the start of the machine; empty where the system does not say, and {@link now} is the time of day. */
  readonly boot: string
  /** In milliseconds. */
  now: () => number
}

/**
 * The clock that claims end by. The time of day may be set, and a jump forward would end the claims of handlers that
 * still run. On Linux the monotonic clock is one for all processes since the machine was started (clock_gettime(2)).
 */
export function createBootClock(timeOfDay: () => number): BootClock {
  const boot = readBoot()
  return boot === ''
    ? { boot, now: timeOfDay }
    : { boot, now: () => Number(process.hrtime.bigint() / 1_000_000n) }
}

function readBoot(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return ''
  }
}
