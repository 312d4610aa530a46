import { expect, test } from 'vitest'
import { describeFailure } from './describe-failure.ts'
import { describeWait, nameWait } from './describe-wait.ts'

test.each([
  [{ errorCode: 'connection_refused' }, 'Nothing listens', 'receiver runs'],
  [{ status: 401 }, 'refuses the signature', 'same "secret"'],
  [{ status: 307 }, 'redirect (307)', 'Set the endpoint'],
  [{ status: 503 }, 'status 503', 'logs of the receiver'],
  [{ status: 418 }, 'status 418', 'logs of the receiver'],
  [{ errorCode: 'from_elsewhere' }, 'from_elsewhere', 'message'],
  // The status says less: the rest of the answer is missing.
  [{ status: 200, errorCode: 'connection_reset' }, 'connection ended', 'restarted'],
  [{}, 'failed', 'logs'],
])('says of %j what happened and what to do', (attempt, what, remedy) => {
  const failure = describeFailure(attempt)
  expect(failure.what).toContain(what)
  expect(failure.remedy).toContain(remedy)
})

test('has words for what it does not know', () => {
  expect([nameWait('retry'), nameWait('other')]).toEqual(['for its retry', 'other'])
  expect(describeWait('other')).toBe('Waits: other.')
})
