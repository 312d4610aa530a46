import { PassThrough } from 'node:stream'
import { newDelivery } from '@taskhook/outbox/testing'
import { expect, test } from 'vitest'
import { run } from '../../run.ts'
import { fillOutbox } from '../../testing/fill-outbox.ts'
import { runOnTerminal } from '../../testing/run-on-terminal.ts'
import { useTestOutbox } from '../../testing/use-test-outbox.ts'

const outbox = useTestOutbox(fillOutbox)

/** The lines of a stream, as they come. */
function linesOf(stream: PassThrough): () => Promise<string> {
  stream.setEncoding('utf8')
  const chunks = stream[Symbol.asyncIterator]()
  let rest = ''
  return async () => {
    while (!rest.includes('\n')) rest += String((await chunks.next()).value)
    const line = rest.slice(0, rest.indexOf('\n'))
    rest = rest.slice(line.length + 1)
    return line
  }
}

test('tail says when it follows, then what happens, and ends with the signal', async () => {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const controller = new AbortController()
  const [nextData, nextNote] = [linesOf(stdout), linesOf(stderr)]
  const running = run(['tail', '--endpoint', 'one', '--json', ...outbox.flags], {
    stdout,
    stderr,
    stdin: new PassThrough(),
    env: {},
    signal: controller.signal,
  })
  expect(await nextNote()).toBe('Following. Ctrl-C ends it.')
  await outbox.ledger.enqueue([
    newDelivery('d0', { endpointId: 'two', orderingKey: 'd' }),
    newDelivery('d1', { orderingKey: 'd' }),
  ])
  expect(JSON.parse(await nextData())).toMatchObject({ kind: 'accepted', id: 'd1', taskId: 'd' })
  await outbox.ledger.operate.cancel('d1')
  expect(JSON.parse(await nextData())).toMatchObject({ kind: 'canceled', id: 'd1', at: expect.any(String) })
  controller.abort()
  expect(await running).toBe(0)
})

test('tail is a line each on a terminal', async () => {
  const controller = new AbortController()
  const { code, screen } = await runOnTerminal(['tail', ...outbox.flags], {
    signal: controller.signal,
    async onScreen(text) {
      if (text.endsWith('ends it.\r\n')) await outbox.ledger.operate.resend('c1')
      if (text.includes('to one')) controller.abort()
    },
  })
  expect(code).toBe(0)
  expect(screen).toContain('\u001b[1mresent   \u001b[22m  OrderSigned of c to one\n')
})
