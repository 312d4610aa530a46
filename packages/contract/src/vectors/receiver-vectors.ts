import { acceptedVectors } from './accepted.ts'
import { ed25519Vectors } from './ed25519.ts'
import { payloadVectors } from './payload.ts'
import type { ReceiverVector } from './receiver-vector.ts'
import { situationVectors } from './situation.ts'
import { unauthenticVectors } from './unauthentic.ts'
import { makeVector, type VectorContext, type VectorParts } from './vector-context.ts'

/**
 * What a receiver of task webhooks must accept and refuse, as data. Each vector is one request, byte for byte, and its
 * expected result. The published file uses a fixed clock. For a running receiver, make the vectors with the current
 * time.
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
