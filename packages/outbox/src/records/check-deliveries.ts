import type { NewDelivery } from '../delivery.ts'
import { OutboxError } from '../outbox-error.ts'

const namedFields = ['id', 'endpointId', 'orderingKey', 'type', 'idempotencyKey'] as const
const textFields = ['payload', 'context'] as const

/**
 * The most that each of an id, an ordering key, a type and an idempotency key may have, in bytes of UTF-8. An entry of an index of
 * PostgreSQL has two of them, and at most 2704 bytes.
 */
const maxNameInBytes = 1000

// A code unit is three bytes of UTF-8 at the most: shorter ones need no counting.
const surelyShort = Math.floor(maxNameInBytes / 3)

/**
 * Checks that deliveries can be stored, as they are, by every ledger.
 *
 * @throws OutboxError `option_invalid`, which names the field.
 */
export function checkDeliveries(deliveries: readonly NewDelivery[]): void {
  for (const delivery of deliveries) checkDelivery(delivery)
}

function checkDelivery(delivery: NewDelivery): void {
  for (const field of namedFields) {
    const value = delivery[field]
    if (value === undefined && field === 'idempotencyKey') continue
    checkText(field, value)
    if (value === '' && (field === 'id' || field === 'endpointId')) throw refuse(field, 'must not be empty')
    if (value!.length > surelyShort && Buffer.byteLength(value!) > maxNameInBytes) {
      throw refuse(field, `must be ${maxNameInBytes} bytes at most`)
    }
  }
  for (const field of textFields) {
    if (delivery[field] !== undefined || field === 'payload') checkText(field, delivery[field])
  }
  const { delayInMs } = delivery
  if (delayInMs !== undefined && !(delayInMs >= 0 && delayInMs <= Number.MAX_SAFE_INTEGER / 2)) {
    throw refuse('delayInMs', 'must be a number of milliseconds, 0 or more')
  }
}

/**
 * Checks one text; also used for ids that are looked up. Text that is not well-formed would be stored as other text.
 * PostgreSQL cannot store U+0000, and many tools that read SQLite end a text there.
 */
function checkText(field: keyof NewDelivery, value: unknown): void {
  if (typeof value !== 'string') throw refuse(field, 'must be a string')
  if (value.includes('\0')) throw refuse(field, 'must not have U+0000 in it')
  if (!value.isWellFormed()) throw refuse(field, 'must not have half a surrogate pair in it')
}

/** What {@link isStorableName} is true of, in words. */
export const storableNames: string = `${maxNameInBytes} bytes at most, without U+0000 and halves of surrogate pairs`

/** Whether every ledger can store a name as it is. */
export function isStorableName(name: string): boolean {
  return Buffer.byteLength(name) <= maxNameInBytes && !name.includes('\0') && name.isWellFormed()
}

function refuse(field: keyof NewDelivery, reason: string): OutboxError {
  return new OutboxError('option_invalid', `${field}: ${reason}`)
}
