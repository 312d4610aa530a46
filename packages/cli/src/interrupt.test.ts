import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { fillOutbox } from './testing/fill-outbox.ts'
import { spawnCli } from './testing/spawn-cli.ts'
import { useTestOutbox } from './testing/use-test-outbox.ts'

const outbox = useTestOutbox(fillOutbox)

test('Ctrl-C ends a command at once, as 130', async () => {
  const child = spawnCli(['tail', ...outbox.flags])
  const stdout = text(child.stdout)
  await once(createInterface({ input: child.stderr }), 'line')
  child.kill('SIGINT')
  const [code] = (await once(child, 'close')) as [number]
  expect({ code, stdout: await stdout }).toEqual({ code: 130, stdout: '' })
})
