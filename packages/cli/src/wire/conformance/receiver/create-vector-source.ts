import { randomUUID } from 'node:crypto'
import { receiverVectors, type ReceiverVector } from '@taskhook/contract'
import { signedRequest } from '@taskhook/core/testing'
import { isForSetUp } from './is-for-set-up.ts'
import type { ReceiverSetUp } from './receiver-set-up.ts'

/** Gives the vectors for a receiver, signed for the time of the call. */
export interface VectorSource {
  /** What is sent, in order. */
  readonly vectors: readonly ReceiverVector[]
  /** One of them, signed now. */
  make(name: string): ReceiverVector
}

// The oldest timestamp that must be taken has ten seconds left.
const keepInMs = 1000

/** Makes a source of vectors. Each has a `webhook-id` of its own, new in each run: to the receiver none is a repeat by accident. */
export function createVectorSource(setUp: ReceiverSetUp, path: string, now: () => number): VectorSource {
  const { secret = 'not used', previousSecret, key } = setUp
  const run = randomUUID()
  const keyed = key === undefined ? path : signedRequest({ secret: false, url: path, key }).url

  function makeAll(at: number): ReceiverVector[] {
    const all = receiverVectors({
      now: new Date(at),
      secret,
      key: key ?? 'site-1',
      path,
      deliveryIdOf: (name) => `conformance_${run}_${name}`,
      ...(previousSecret !== undefined && { previousSecret }),
    })
    return all.filter((vector) => isForSetUp(vector, setUp)).map((vector) => withKey(vector, path, keyed))
  }

  let madeAt = now()
  let made = makeAll(madeAt)
  return {
    vectors: made,
    make(name) {
      const at = now()
      if (at - madeAt > keepInMs) {
        madeAt = at
        made = makeAll(at)
      }
      const found = made.find((vector) => vector.name === name)
      if (found === undefined) throw new Error(`there is no vector ${name}`)
      return found
    },
  }
}

/** A receiver that asks for a key gets it with every request, those apart that are about the key. */
function withKey(vector: ReceiverVector, path: string, keyed: string): ReceiverVector {
  if (vector.features.includes('key') || vector.request.url !== path) return vector
  return { ...vector, request: { ...vector.request, url: keyed } }
}
