import type { ObservedAttempt, OrderingVector, OrderProblem, SentEvent } from './ordering-vector.ts'

/** What a receiver may and may not see of its tasks, as data. `a1` is the first event of task a. */
export const orderingVectors: readonly OrderingVector[] = [
  vector('in-order', 'Each event comes after the one before it was taken.', 'a1 a2 a3', 'a1 a2 a3'),
  vector('tasks-mixed', 'Between tasks there is no order.', 'a1 b1 a2 b2', 'b1 a1 b2 a2'),
  vector(
    'retry',
    'An event that was refused comes again, and the next one waits for it.',
    'a1 a2',
    'a1:503 a1:503 a1 a2',
  ),
  vector(
    'retry-delays-own-task-only',
    'Other tasks do not wait for a task that is refused.',
    'a1 b1 b2',
    'a1:500 b1 b2 a1',
  ),
  vector(
    'answer-not-heard',
    'The answer did not reach the sender, so the event comes again, perhaps handled already.',
    'a1 a2',
    'a1:null a1 a2',
  ),
  vector(
    'repeat-of-newest',
    'The sender died before it noted the answer: the newest event comes once more.',
    'a1 a2',
    'a1 a1 a2',
  ),
  vector(
    'given-up',
    'An event that was given up leaves a gap, and later ones follow.',
    'a1 a2! a3',
    'a1 a2:500 a3',
  ),
  vector('canceled-before-sent', 'An event that was canceled may never come at all.', 'a1! a2', 'a2'),
  vector('tasks-at-once', 'Events of different tasks may be under way at once.', 'a1 b1', 'a1@0-9 b1@1-5'),
  vector('swapped', 'The second event came first.', 'a1 a2', 'a2 a1', [
    ['a2', 'overtaken'],
    ['a1', 'overtaken'],
  ]),
  vector(
    'skipped-while-refused',
    'The second event came though the first was refused and will come again.',
    'a1 a2',
    'a1:503 a2 a1',
    [
      ['a2', 'overtaken'],
      ['a1', 'overtaken'],
    ],
  ),
  vector('late-repeat', 'An event came again after a later one.', 'a1 a2', 'a1 a2 a1', [['a1', 'overtaken']]),
  vector(
    'before-the-answer',
    'The second event came before the first was answered.',
    'a1 a2',
    'a1@0-5 a2@3-6',
    [['a2', 'overtaken']],
  ),
  vector('same-event-twice-at-once', 'Two senders attempt the same event at once.', 'a1', 'a1@0-5 a1@3-6', [
    ['a1', 'overlapping'],
  ]),
  vector('lost', 'The last event never came.', 'a1 a2', 'a1', [['a2', 'lost']]),
  vector(
    'lost-after-refusal',
    'An event was refused, never came again, and was not given up.',
    'a1 b1',
    'a1:503 b1',
    [['a1', 'lost']],
  ),
  vector('never-sent', 'Something came that was never sent.', 'a1', 'a1 x1', [['x1', 'unknown']]),
]

/** Reads the short form: what was sent (`!` for given up), and attempts as `delivery:status@from-to`, 200 and one after the other by default. */
function vector(
  name: string,
  why: string,
  sent: string,
  attempts: string,
  problems: readonly (readonly [string, OrderProblem['problem']])[] = [],
): OrderingVector {
  return {
    name,
    why,
    sent: sent.split(' ').map(readSent),
    attempts: attempts.split(' ').map(readAttempt),
    problems: problems.map(([delivery, problem]) => ({ delivery, problem })),
  }
}

function readSent(text: string): SentEvent {
  const delivery = text.replace('!', '')
  return { delivery, task: delivery.slice(0, 1), ...(text.endsWith('!') && { givenUp: true }) }
}

function readAttempt(text: string, index: number): ObservedAttempt {
  const [, delivery = '', status = '200', from = index * 10, to = index * 10 + 5] =
    /^(\w+)(?::(\w+))?(?:@(\d+)-(\d+))?$/.exec(text) ?? []
  return {
    delivery,
    from: Number(from),
    to: Number(to),
    status: status === 'null' ? null : Number(status),
  }
}
