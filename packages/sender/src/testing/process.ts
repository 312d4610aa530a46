import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'

/** A process that runs a script of its own. */
export interface ScriptProcess {
  child: ChildProcess
  /** Resolves when the process has ended. */
  ended: Promise<{ exitCode: number | null; signal: string | null; stdout: string; stderr: string }>
}

/** Runs an ES module in a process of its own. It has everything that `@taskhook/sender` exports as `taskhook`. */
export function startScript(source: string): ScriptProcess {
  const index = JSON.stringify(new URL('../index.ts', import.meta.url).href)
  const child = spawn(
    process.execPath,
    [
      '--conditions=taskhook-source',
      '--input-type=module',
      '--eval',
      `import * as taskhook from ${index}\n${source}`,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  onTestFinished(() => void child.kill('SIGKILL'))
  return { child, ended: waitForEnd(child) }
}

async function waitForEnd(child: ChildProcess): ScriptProcess['ended'] {
  const [[exitCode, signal], stdout, stderr] = await Promise.all([
    once(child, 'close') as Promise<[number | null, string | null]>,
    text(child.stdout!),
    text(child.stderr!),
  ])
  return { exitCode, signal, stdout, stderr }
}
