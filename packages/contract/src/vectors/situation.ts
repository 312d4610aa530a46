import type { WebhookErrorCode } from '@taskhook/core'
import type { VectorExpectation, VectorSituation } from './receiver-vector.ts'
import { deliveryId, type VectorParts } from './vector-context.ts'

/** The plain request, where what comes of it depends on how things stand in the receiver. */
export function situationVectors(): VectorParts[] {
  return [
    {
      name: 'repeat-of-handled',
      why: 'The delivery was handled before: acknowledged, and not handled again.',
      features: ['standard-webhooks', 'repeats'],
      situation: 'delivery-done',
      expected: { outcome: 'duplicate', deliveryId },
    },
    refusal(
      'repeat-while-handling',
      'The handler of the same delivery still runs.',
      'delivery-in-progress',
      409,
      'delivery_in_progress',
    ),
    refusal(
      'dedupe-store-away',
      'It is not known whether the delivery was handled.',
      'dedupe-store-away',
      503,
      'dedupe_unavailable',
    ),
    refusal(
      'secret-store-away',
      'The secret cannot be looked up.',
      'secret-store-away',
      503,
      'secret_unavailable',
    ),
    refusal(
      'inbox-away',
      'The webhook cannot be stored, so it is not acknowledged.',
      'inbox-away',
      503,
      'inbox_unavailable',
    ),
    refusal(
      'body-parsed-before',
      'A body parser ran first, and the bytes are gone.',
      'body-parsed-before',
      500,
      'body_already_parsed',
    ),
    refusal(
      'body-stalls',
      'The body stops coming, and the connection stays open.',
      'body-stalls',
      408,
      'body_timeout',
    ),
    refusal(
      'body-cut-short',
      'The connection ends before the body does.',
      'body-cut-short',
      400,
      'body_unreadable',
    ),
  ]
}

function refusal(
  name: string,
  why: string,
  situation: VectorSituation,
  status: number,
  code: WebhookErrorCode,
): VectorParts {
  const expected: VectorExpectation = { outcome: 'refused', status, code }
  return {
    name,
    why,
    situation,
    expected,
    features: situation.startsWith('d') ? ['standard-webhooks', 'repeats'] : ['x-signature'],
  }
}
