import type { ReceiverVector, VectorSituation } from '@taskhook/contract'
import type { ReceiverSetUp } from './receiver-set-up.ts'

// What can be brought about from outside.
const situations: ReadonlySet<VectorSituation> = new Set<VectorSituation>(['delivery-done', 'body-cut-short'])

/** Whether a vector concerns a receiver that is set up so. */
export function isForSetUp(
  { features, situation, receiver, expected }: ReceiverVector,
  { secret, previousSecret, key, features: supported }: ReceiverSetUp,
): boolean {
  if (!features.every((feature) => supported.has(feature))) return false
  if (situation !== undefined && !situations.has(situation)) return false
  const { secrets, keys, ...more } = receiver
  if (Object.keys(more).length > 0) return false
  if (keys !== undefined && !isSame(keys, [key])) return false
  if (supported.has('ed25519')) return features.includes('ed25519')
  const isRotation = features.includes('rotation')
  // During a rotation the former secret is still good.
  if (isRotation && previousSecret !== undefined && expected.outcome === 'refused') return false
  const rotating = isRotation && previousSecret !== undefined && isSame(secrets, [secret, previousSecret])
  return rotating || isSame(secrets, [secret])
}

function isSame(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((value, index) => value === other[index])
}
