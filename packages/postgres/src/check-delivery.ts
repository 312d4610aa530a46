import { OutboxError, type NewDelivery } from '@taskhook/outbox'

const fields = ['id', 'endpointId', 'orderingKey', 'type', 'idempotencyKey'] as const

// An entry of an index has two of them, and at most 2704 bytes.
const maxLengthInBytes = 1000

/**
 * Checks what PostgreSQL would refuse, before it does: its error would end the application's transaction.
 *
 * @throws OutboxError `option_invalid`.
 */
export function checkDelivery(delivery: NewDelivery): void {
  for (const field of fields) {
    const value = delivery[field]
    if (value === undefined) continue
    if (value.includes('\0')) throw refuse(field, 'must not have U+0000 in it')
    if (Buffer.byteLength(value) > maxLengthInBytes)
      throw refuse(field, `must be ${maxLengthInBytes} bytes at most`)
  }
  if (delivery.payload.includes('\0')) throw refuse('payload', 'must not have U+0000 in it')
}

function refuse(field: keyof NewDelivery, reason: string): OutboxError {
  return new OutboxError('option_invalid', `${field}: ${reason}`)
}
