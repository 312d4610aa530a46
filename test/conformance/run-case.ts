import { expect } from 'vitest'
import type { Case } from './case.ts'
import { exchange } from './exchange.ts'
import type { Expected } from './expected.ts'
import type { StartReceiver } from './receiver.ts'
import { secret, sentAt } from './signed.ts'

/** Sends the request of a case, and compares what the sender and the application see with `expected`. */
export async function runCase(
  start: StartReceiver,
  { options, request }: Case,
  expected: Expected,
): Promise<void> {
  const handled: string[] = []
  const refused: (string | undefined)[] = []
  await using receiver = await start({
    options: { secret, now: () => sentAt.getTime(), ...options },
    handler: ({ event }) => {
      handled.push(event.taskId)
      return 200
    },
    onRefused: (code) => refused.push(code),
  })
  const { status, body } = await exchange(receiver.port, request)

  expect({ status, handled, refused, code: body && JSON.parse(body).code }).toEqual({
    ...observed(expected),
    // There is no room for a code in the answer to HEAD.
    ...(request.method === 'HEAD' && { code: '' }),
  })
}

function observed(expected: Expected): object {
  switch (expected.outcome) {
    case 'handled':
      return { status: 200, handled: [expected.taskId], refused: [], code: '' }
    case 'acknowledged':
      return { status: 204, handled: [], refused: [], code: '' }
    case 'refused':
      return { status: expected.status, handled: [], refused: [expected.code], code: expected.code }
  }
}
