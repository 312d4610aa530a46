import { spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setImmediate as turn } from 'node:timers/promises'

/** The demo in a process of its own, as its script runs it. */
export interface StartedDemo extends AsyncDisposable {
  /** What it has printed so far, and what it has said on standard error. */
  lines: readonly string[]
  errors: readonly string[]
  waitForLine(line: RegExp): Promise<void>
  /** Interrupts its process, or all of its processes at once, as Ctrl-C does in a terminal. */
  interrupt(whom: 'process' | 'all'): void
  /** Resolves to its exit code, once it has ended; `null` when a signal ended it. */
  ended: Promise<number | null>
  /** Waits until none of its processes is left. */
  gone(): Promise<void>
}

/** Starts the demo in a process group of its own, so that what it leaves behind can be found. */
export function startDemo(...flags: readonly string[]): StartedDemo {
  const child = spawn(process.execPath, ['--conditions=taskhook-source', 'main.ts', ...flags], {
    cwd: join(import.meta.dirname, '..'),
    env: { ...process.env, FORCE_COLOR: undefined, NO_COLOR: undefined },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const lines: string[] = []
  const errors: string[] = []
  const output = new EventEmitter()
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line)
    output.emit('line')
  })
  createInterface({ input: child.stderr }).on('line', (line) => errors.push(line))
  let isEnded = false
  const ended = (async () => {
    const [exitCode] = (await once(child, 'close')) as [number | null]
    isEnded = true
    output.emit('line')
    return exitCode
  })()

  /** Signals the process group; false when there is no process in it. */
  function signalAll(signal: NodeJS.Signals | 0): boolean {
    try {
      return process.kill(-(child.pid as number), signal)
    } catch {
      return false
    }
  }

  return {
    lines,
    errors,
    async waitForLine(line) {
      while (!lines.some((text) => line.test(text))) {
        if (isEnded) throw new Error([`no line ${line}`, ...lines, ...errors].join('\n'))
        await once(output, 'line')
      }
    },
    interrupt(whom) {
      if (whom === 'all') signalAll('SIGINT')
      else child.kill('SIGINT')
    },
    ended,
    async gone() {
      while (signalAll(0)) await turn()
    },
    async [Symbol.asyncDispose]() {
      signalAll('SIGKILL')
      await ended
    },
  }
}
