import { spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** One line that a process printed. */
interface Line {
  text: string
  /** When it arrived, on the clock of `performance.now()`. */
  arrivedAt: number
}

/** One of the examples, running. */
export interface ExampleProcess extends AsyncDisposable {
  /** Waits until it listens. Resolves to its URL. */
  listening(): Promise<string>
  /** What it has printed so far. */
  lines: readonly Line[]
  /** The first line that starts like this, printed already or yet to come; those before number `from` do not count. */
  waitForLine(start: string, from?: number): Promise<Line>
  /** Asks it to finish, and waits until it has. Resolves to its exit code, `null` when it had to be killed. */
  stop(): Promise<number | null>
}

/** What is started, and how. */
export interface ExampleOptions {
  /** The folder's name. */
  example: string
  arguments?: readonly string[]
  env?: Readonly<Record<string, string>>
  /** Ends all waiting; the process goes on until it is stopped. */
  signal: AbortSignal
}

const stopTimeoutInMs = 5000

/** Starts an example as its `start` script does. */
export function startExample({
  example,
  arguments: programArguments = [],
  env = {},
  signal,
}: ExampleOptions): ExampleProcess {
  const child = spawn(
    process.execPath,
    ['--conditions=taskhook-source', 'src/main.ts', ...programArguments],
    {
      cwd: join(import.meta.dirname, '..', example),
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)

  const lines: Line[] = []
  const output = new EventEmitter()
  let isEnded = false
  createInterface({ input: child.stdout }).on('line', (text) => {
    lines.push({ text, arrivedAt: performance.now() })
    output.emit('change')
  })
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', (exitCode: number | null) => {
      isEnded = true
      process.off('exit', kill)
      output.emit('change')
      resolve(exitCode)
    })
  })

  async function waitForLine(start: string, from = 0): Promise<Line> {
    for (;;) {
      const line = lines.slice(from).find(({ text }) => text.startsWith(start))
      if (line !== undefined) return line
      if (isEnded) throw new Error(`${example} ended without a line "${start}…"`)
      try {
        await once(output, 'change', { signal })
      } catch {
        throw new Error(`no line "${start}…" from ${example}`, { cause: signal.reason })
      }
    }
  }

  async function stop(): Promise<number | null> {
    child.kill('SIGTERM')
    const timer = setTimeout(kill, stopTimeoutInMs)
    const exitCode = await ended
    clearTimeout(timer)
    return exitCode
  }

  return {
    async listening() {
      const start = 'listening on '
      const { text } = await waitForLine(start)
      return text.slice(start.length)
    },
    lines,
    waitForLine,
    stop,
    [Symbol.asyncDispose]: async () => void (await stop()),
  }
}
