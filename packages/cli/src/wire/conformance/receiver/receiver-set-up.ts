import { nearestName } from '@taskhook/core'
import type { Feature } from '@taskhook/contract'
import { CommandError } from '../../../command-error.ts'
import type { ReceiverFlags } from '../check-conformance.ts'

/** How the receiver that is checked is set up. */
export interface ReceiverSetUp {
  /** Left out: it has the public key of the vectors, and no secret. */
  secret?: string
  previousSecret?: string
  key?: string
  features: ReadonlySet<Feature>
}

const features: readonly Feature[] = [
  'x-signature',
  'standard-webhooks',
  'repeats',
  'rotation',
  'key',
  'ed25519',
]

/**
 * Reads how the receiver is set up.
 *
 * @throws CommandError `usage_invalid`.
 */
export function readReceiverSetUp({ features: names, ...flags }: ReceiverFlags): ReceiverSetUp {
  const { secret, previousSecret, key, list } = flags
  const chosen =
    names === undefined ? defaults(flags) : names.split(',').map((name) => readFeature(name.trim()))
  if (chosen.includes('ed25519')) {
    if (chosen.some((name) => name !== 'ed25519' && name !== 'standard-webhooks')) {
      throw new CommandError(
        'usage_invalid',
        'check ed25519 alone: the receiver then has the public key and no secret',
      )
    }
    return { ...(key !== undefined && { key }), features: new Set<Feature>(['standard-webhooks', 'ed25519']) }
  }
  if (chosen.includes('key') && key === undefined) {
    throw new CommandError('usage_invalid', 'the feature key needs --key with a key that the receiver takes')
  }
  if (secret === undefined && !list) {
    throw new CommandError(
      'usage_invalid',
      'there is no secret: set WEBHOOK_SECRET, which other users of the machine do not see, or give --secret',
    )
  }
  return {
    secret: secret ?? 'a secret',
    ...(previousSecret !== undefined && { previousSecret }),
    ...(key !== undefined && { key }),
    features: new Set(chosen),
  }
}

function defaults({ previousSecret, key }: Omit<ReceiverFlags, 'features'>): Feature[] {
  return [
    'x-signature',
    'standard-webhooks',
    // Every sender repeats what it heard no answer to, whether the receiver expects it or not.
    'repeats',
    ...(previousSecret === undefined ? [] : (['rotation'] as const)),
    ...(key === undefined ? [] : (['key'] as const)),
  ]
}

function readFeature(name: string): Feature {
  const found = features.find((one) => one === name)
  if (found !== undefined) return found
  const nearest = nearestName(name, features)
  const hint = nearest === undefined ? `they are ${features.join(', ')}` : `the nearest one is ${nearest}`
  throw new CommandError('usage_invalid', `--features: there is no feature "${name}"; ${hint}`)
}
