import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Candidate } from './candidate.ts'
import { cause, type Cause } from './causes.ts'
import { digests, type Digest } from './digest-candidates.ts'
import type { Message } from './message-candidates.ts'
import type { SignatureForms } from './signature-forms.ts'

/** What may have been signed, with what, in each case what should have been first and what is likelier before the rest. */
export interface SearchSpace {
  keys: readonly Candidate<Buffer>[]
  /** Called when nothing else explains it, since there are many. */
  listBodies: () => readonly Candidate<Buffer>[]
  body: Buffer
  messages: readonly Candidate<Message>[]
}

interface Choice {
  key: Candidate<Buffer>
  body: Candidate<Buffer>
  message: Candidate<Message>
  digest: Candidate<Digest>
}

type Name = keyof Choice

const names: readonly Name[] = ['key', 'message', 'digest', 'body']
// Of two things that may be wrong together.
const mostPairs = 60_000
// A second or two of hashing.
const mostBytes = 200_000_000
// Between two looks at whether there is something else to do.
const turnInMs = 20

/**
 * Searches for the body, key and form that give this signature: first with one thing wrong, then with two. Now and then
 * it yields to the process, which may end by Ctrl-C or answer a request.
 *
 * @returns What is wrong, nothing when the signature is right; `undefined` when it was not found.
 */
export async function searchCauses(
  forms: SignatureForms,
  space: SearchSpace,
): Promise<readonly Cause[] | undefined> {
  let bytes = 0
  let turnEnds = performance.now() + turnInMs
  for (const { key, body, message, digest } of listChoices(space)) {
    if (performance.now() > turnEnds) {
      // One after the other is the point.
      // oxlint-disable-next-line no-await-in-loop
      await nextTurn()
      turnEnds = performance.now() + turnInMs
    }
    const signed = message.value(body.value)
    bytes += signed.length
    if (bytes > mostBytes) return undefined
    const more = forms.match(digest.value(key.value, signed))
    if (more !== undefined) {
      return [...key.causes, ...body.causes, ...message.causes, ...digest.causes, ...more]
    }
  }
  return undefined
}

function* listChoices({ keys, body: arrived, listBodies, messages }: SearchSpace): Generator<Choice> {
  const [message, digest] = [messages[0], digests[0]]
  if (message === undefined || digest === undefined) return
  const body = { value: arrived, causes: [] }
  // Any of several secrets of this side is right; without one there is a plain hash to be found.
  const right = keys.filter(({ causes }) => causes.length === 0)
  const none = { value: Buffer.alloc(0), causes: [cause('secret_unset', 'an empty text')] }
  const base = { key: right[0] ?? none, body, message, digest }
  const bases: Choice[] = [base, ...right.slice(1).map((key) => replace(base, 'key', key))]
  let bodies: readonly Candidate<unknown>[] | undefined
  const wrong = {
    key: keys.filter(isWrong),
    message: messages.filter(isWrong),
    digest: digests.filter(isWrong),
    get body() {
      return (bodies ??= listBodies().filter(isWrong))
    },
  }

  yield* bases
  for (const name of names) {
    for (const start of startsFor(name, bases)) {
      for (const candidate of wrong[name]) yield replace(start, name, candidate)
    }
  }
  for (const [index, name] of names.entries()) {
    for (const other of names.slice(index + 1)) {
      const [few, many] = [name, other].toSorted((one, next) => wrong[one].length - wrong[next].length) as [
        Name,
        Name,
      ]
      const starts = startsFor(name, bases)
      const fewOnes = wrong[few].slice(0, mostPairs / starts.length)
      const manyOnes = wrong[many].slice(0, Math.ceil(mostPairs / (starts.length * fewOnes.length)))
      for (const start of starts) {
        for (const one of fewOnes) {
          const changed = replace(start, few, one)
          for (const next of manyOnes) yield replace(changed, many, next)
        }
      }
    }
  }
}

/** A wrong key takes the place of whichever is right, so one start does. */
function startsFor(name: Name, bases: readonly Choice[]): readonly Choice[] {
  return name === 'key' ? bases.slice(0, 1) : bases
}

function replace(choice: Choice, name: Name, candidate: Candidate<unknown>): Choice {
  return { ...choice, [name]: candidate }
}

function isWrong({ causes }: Candidate<unknown>): boolean {
  return causes.length > 0
}
