import { PassThrough, Readable } from 'node:stream'
import { memoryDedupe } from '@taskhook/core'
import { run } from 'taskhook'
import { describe, expect, test } from 'vitest'
import { receiverNames, receivers } from './receivers.ts'

const secret = 'the shared secret'

describe.each(receiverNames)('taskhook conformance of a receiver on %s', (name) => {
  test('finds nothing wrong', async () => {
    await using started = await receivers[name]({
      options: { secret, key: 'north', dedupe: memoryDedupe() },
      handler: () => 204,
    })
    const stdout = new PassThrough()
    const code = await run(['conformance', `http://127.0.0.1:${started.port}/automation`, '--key', 'north'], {
      stdout,
      stderr: new PassThrough(),
      stdin: Readable.from([]),
      env: { WEBHOOK_SECRET: secret },
    })
    expect(String(stdout.read())).toMatch(
      /^conforms: (\d+) of \1 passed; failed: 0 must, 0 should; advice: 0\n$/,
    )
    expect(code).toBe(0)
  })
})
