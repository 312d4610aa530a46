import { describe, expect, test } from 'vitest'
import { fixedAnswer } from './fixed-answer.ts'
import type { WritableLike } from './run-context.ts'
import { run } from './run.ts'

const piped: WritableLike = { write: () => {} }
const terminal: WritableLike = { ...piped, isTTY: true, getColorDepth: () => 4 }

describe.each([
  { place: 'in a pipe', stream: piped },
  { place: 'on a terminal', stream: terminal },
])('a fixed answer $place', ({ stream }) => {
  test.each([[[]], [['--help']], [['-h']], [['--version']]])(
    'is what the command says (after a change: pnpm generate): %j',
    async (argv) => {
      let said = ''
      const stdout = { ...stream, write: (text: string) => void (said += text) }
      await run(argv, { stdout, stderr: piped, stdin: process.stdin, env: {} })
      expect(fixedAnswer(argv, { stdout, env: {} })).toBe(said)
    },
  )

  test.each([[['status']], [['--help', 'status']], [['--version', '--help']], [['--']], [['--hlep']]])(
    'is none for %j',
    (argv) => expect(fixedAnswer(argv, { stdout: stream, env: {} })).toBeUndefined(),
  )
})
