import { acceptedVectors } from './accepted.ts'
import { ed25519Vectors } from './ed25519.ts'
import { payloadVectors } from './payload.ts'
import type { ReceiverVector } from './receiver-vector.ts'
import { situationVectors } from './situation.ts'
import { unauthenticVectors } from './unauthentic.ts'
import { makeVector, type VectorContext, type VectorParts } from './vector-context.ts'

/**
 * What a receiver of task webhooks must take and refuse, as data: each vector is one request, byte for byte, and what comes of it. The
 * published file is made with a fixed clock; for a receiver that runs, make them with the time of now.
 *
 * @example
 * const vectors = receiverVectors({ now: new Date(), secret, key: 'site-1', path: '/automation' })
 * console.log(vectors.map(({ name }) => name))
 */
export function receiverVectors(context: VectorContext): ReceiverVector[] {
  const all: VectorParts[] = [
    ...acceptedVectors(context),
    ...payloadVectors(),
    ...unauthenticVectors(context),
    ...ed25519Vectors(),
    ...situationVectors(),
  ]
  return all.map((parts) => makeVector(context, parts))
}
