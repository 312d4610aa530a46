import { spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** One line that a process printed. */
export interface Line {
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
  /** What it has said on standard error: of interest when something fails, and noise when that is meant to. */
  errors: readonly string[]
  /**
   * The first line that `isIt`, printed already or yet to come; those before number `from` do not count. Each is looked at
   * once.
   *
   * @param what Names the line in the error when it never comes.
   */
  waitForLine(what: string, isIt: (text: string) => boolean, from?: number): Promise<Line>
  /**
   * Asks it to finish, and waits until it has; once the signal is aborted, it is killed. Resolves to its exit code, `null` when it
   * was killed.
   */
  stop(): Promise<number | null>
  /** Ends it at once, with no time to finish anything, and waits until it has ended. */
  kill(): Promise<void>
}

/** What is started, and how. */
export interface ExampleOptions {
  /** The folder's name. */
  example: string
  arguments?: readonly string[]
  env?: Readonly<Record<string, string>>
  /** Ends all waiting. The process goes on until it is stopped, and then has no time to finish anything. */
  signal: AbortSignal
}

const examples = join(import.meta.dirname, '../../../examples')
const stopTimeoutInMs = 5000
const listening = /listening on (http:[^"\s]+)/

/** Starts an example as its `start` script does. */
export function startExample({
  example,
  arguments: programArguments = [],
  env = {},
  signal,
}: ExampleOptions): ExampleProcess {
  // Work that goes on for a moment after the end must not start what nothing would stop.
  signal.throwIfAborted()
  const child = spawn(
    process.execPath,
    ['--conditions=taskhook-source', 'src/main.ts', ...programArguments],
    {
      cwd: join(examples, example),
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)

  const lines: Line[] = []
  const errors: string[] = []
  // Many may wait for lines at once.
  const output = new EventEmitter().setMaxListeners(0)
  let isEnded = false
  createInterface({ input: child.stdout }).on('line', (text) => {
    lines.push({ text, arrivedAt: performance.now() })
    output.emit('change')
  })
  createInterface({ input: child.stderr }).on('line', (text) => errors.push(text))
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', (exitCode: number | null) => {
      isEnded = true
      process.off('exit', kill)
      output.emit('change')
      resolve(exitCode)
    })
  })

  async function waitForLine(what: string, isIt: (text: string) => boolean, from = 0): Promise<Line> {
    const missing = (): Error => {
      const said = [`no line ${what} from ${example}`, ...errors].join('\n')
      return new Error(said, { cause: isEnded ? 'it has ended' : signal.reason })
    }
    for (let index = from; ;) {
      for (; index < lines.length; index += 1) {
        const line = lines[index] as Line
        if (isIt(line.text)) return line
      }
      if (isEnded) throw missing()
      try {
        await once(output, 'change', { signal })
      } catch {
        throw missing()
      }
    }
  }

  async function stop(): Promise<number | null> {
    const timer = setTimeout(kill, stopTimeoutInMs)
    signal.addEventListener('abort', kill)
    // What is interrupted has nothing to finish: its databases are removed.
    child.kill(signal.aborted ? 'SIGKILL' : 'SIGTERM')
    const exitCode = await ended
    signal.removeEventListener('abort', kill)
    clearTimeout(timer)
    return exitCode
  }

  return {
    async listening() {
      const { text } = await waitForLine('"listening on …"', (line) => listening.test(line))
      return listening.exec(text)?.[1] as string
    },
    lines,
    errors,
    waitForLine,
    stop,
    async kill() {
      kill()
      await ended
    },
    [Symbol.asyncDispose]: async () => void (await stop()),
  }
}
