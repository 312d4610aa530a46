import { type ReadStream, WriteStream } from 'node:tty'
import * as pty from '@lydell/node-pty'
import { run } from '../run.ts'
import type { RunContext } from '../run-context.ts'

/** What node-pty has beside its types: both ends of a pseudo-terminal, without a process on it. */
interface Terminal {
  master: ReadStream
  slave: ReadStream
}
const { open } = pty as unknown as { open: (size: { cols: number; rows: number }) => Terminal }

// Written after the command has ended: what comes before it on the terminal is all of it.
const end = '\u0000end'

/**
 * Runs the command in this process on a pseudo-terminal, which is its stdin, stdout and stderr. Types the answers, each when the
 * terminal shows a question.
 */
export async function runOnTerminal(
  argv: readonly string[],
  {
    answers = [],
    onScreen = () => {},
    columns = 100,
    ...given
  }: Partial<RunContext> & {
    answers?: readonly string[]
    columns?: number
    /** Called with all that was shown, whenever there is more. */
    onScreen?: (screen: string) => unknown
  } = {},
): Promise<{ code: number; screen: string }> {
  const { master, slave } = open({ cols: columns, rows: 40 })
  // oxlint-disable-next-line no-underscore-dangle
  const { fd } = (slave as unknown as { _handle: { fd: number } })._handle
  const output = new WriteStream(fd)
  const typed = [...answers]
  let screen = ''
  const { promise: ended, resolve } = Promise.withResolvers<void>()
  master.on('data', (text: string) => {
    screen += text
    void onScreen(screen)
    if (screen.endsWith('[y/N] ') && typed.length > 0) master.write(`${typed.shift()}\n`)
    if (screen.includes(end)) resolve()
  })
  try {
    const code = await run(argv, {
      stdout: output,
      stderr: output,
      stdin: slave,
      env: { TERM: 'xterm-256color' },
      ...given,
    })
    output.write(end)
    await ended
    return { code, screen: screen.slice(0, screen.indexOf(end)).replaceAll('\r\n', '\n') }
  } finally {
    slave.destroy()
    master.destroy()
  }
}
