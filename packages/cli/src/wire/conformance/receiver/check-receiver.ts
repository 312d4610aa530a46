import { nearestName } from '@taskhook/core'
import type { ReceiverVector } from '@taskhook/contract'
import type { CliContext } from '../../../cli-context.ts'
import { CommandError } from '../../../command-error.ts'
import { exitCodes } from '../../../exit-codes.ts'
import type { JsonFlag } from '../../../flags.ts'
import { parseHeader } from '../../request/parse-header.ts'
import type { ReceiverFlags } from '../check-conformance.ts'
import { createVectorSource, type VectorSource } from './create-vector-source.ts'
import { listVectors } from './list-vectors.ts'
import { postUnfinished, postVector, type Answer, type Target } from './post-vector.ts'
import { printReport } from './print-report.ts'
import { readReceiverSetUp, type ReceiverSetUp } from './receiver-set-up.ts'
import { judgeVector, type VectorResult } from './vector-result.ts'

/** Sends the vectors to a receiver, and prints what it does wrong. */
export async function checkReceiver(
  context: CliContext,
  flags: ReceiverFlags & JsonFlag,
  url: string | undefined,
): Promise<void> {
  const setUp = readReceiverSetUp(flags)
  const target = readTarget(flags, url)
  const path = `${target.url.pathname}${target.url.search}`
  const source = createVectorSource(setUp, path, context.now)
  const names = chooseNames(source, flags.only)
  if (flags.list) {
    listVectors(
      context,
      flags.json,
      source.vectors.filter(({ name }) => names.includes(name)),
    )
    return
  }

  const plain = plainName(setUp)
  const exchange = createExchange(context, source, { plain, target })
  const first = await exchange(plain)
  if ('failure' in first && first.failure !== 'closed') {
    throw new CommandError('endpoint_unavailable', `the receiver cannot be reached (${first.detail})`)
  }
  const isTaken = isSuccess(first)
  // What refuses everything refuses all that it must, and that says nothing.
  const results: VectorResult[] =
    isTaken && !names.includes(plain) ? [] : [judgeVector(source.make(plain), first)]
  for (const name of isTaken ? names.filter((one) => one !== plain) : []) {
    context.output.progress(`${results.length + 1} of ${names.length}: ${name}`)
    // One after the other: what comes of one must not depend on another.
    // oxlint-disable-next-line no-await-in-loop
    const answer = await exchange(name)
    if (context.signal.aborted) break
    results.push(judgeVector(source.make(name), answer))
    // Down: what follows would say the same of each vector.
    if ('failure' in answer && answer.failure === 'unreached') break
  }
  const skipped = names.filter((name) => !results.some((result) => result.name === name)).length
  printReport(context, flags.json, { results, skipped, isPlainTaken: isTaken })
  if (results.some(({ level, result }) => level === 'must' && result === 'failed')) {
    context.exitWith(exitCodes.failed)
  }
}

/** The plainest request that a receiver of this set-up must take. */
function plainName({ features }: ReceiverSetUp): string {
  if (features.has('ed25519')) return 'ed25519'
  return features.has('x-signature') ? 'x-signature' : 'standard-only'
}

function readTarget(
  { header = [], useSslTrustAll = true, list }: ReceiverFlags,
  text: string | undefined,
): Target {
  const url = URL.parse(text ?? (list ? 'http://127.0.0.1/automation' : ''))
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new CommandError(
      'usage_invalid',
      'say where the receiver is: taskhook conformance <http: or https: URL>; or --sender to judge a sender',
    )
  }
  return { url, headers: header.map(parseHeader), trustAll: useSslTrustAll }
}

function chooseNames({ vectors }: VectorSource, only: readonly string[] | undefined): readonly string[] {
  const names = vectors.map(({ name }) => name)
  const unknown = only?.find((name) => !names.includes(name))
  if (unknown === undefined) return only ?? names
  const nearest = nearestName(unknown, names)
  throw new CommandError(
    'usage_invalid',
    `--only: there is no vector "${unknown}" for this set-up of the receiver; ${
      nearest === undefined ? '--list shows which there are' : `the nearest one is ${nearest}`
    }`,
  )
}

function createExchange(
  { signal }: CliContext,
  source: VectorSource,
  { plain, target }: { plain: string; target: Target },
): (name: string) => Promise<Answer> {
  const post = ({ request }: ReceiverVector): Promise<Answer> => postVector(request, target, signal)
  return async (name) => {
    const vector = source.make(name)
    if (vector.situation === 'body-cut-short') {
      const answer = await postUnfinished(vector.request, target, signal)
      // Most receivers answer nothing to a request that broke off. It counts that they take the next one.
      const next = await post(source.make(plain))
      return isSuccess(next) ? answer : next
    }
    // The same bytes twice: the second one is the repeat.
    if (vector.situation === 'delivery-done') {
      const answer = await post(vector)
      if (!isSuccess(answer)) return answer
    }
    return post(vector)
  }
}

function isSuccess(answer: Answer): boolean {
  return 'status' in answer && answer.status >= 200 && answer.status < 300
}
