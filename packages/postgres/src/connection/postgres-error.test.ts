import { OutboxError } from '@taskhook/outbox'
import { describe, expect, test } from 'vitest'
import { isConflict, isFaultOfStatement, isKeyHeld, toOutboxError } from './postgres-error.ts'

function failure(code: string): Error {
  return Object.assign(new Error('what the database said'), { code })
}

describe('toOutboxError', () => {
  test.each([
    ['ECONNREFUSED', 'ledger_unavailable'],
    ['EPIPE', 'ledger_unavailable'],
    ['08006', 'ledger_unavailable'],
    ['22021', 'option_invalid'],
    ['23505', 'option_invalid'],
    ['25006', 'ledger_read_only'],
    ['25P02', 'transaction_invalid'],
    ['28P01', 'ledger_unavailable'],
    ['3D000', 'ledger_unavailable'],
    ['40001', 'ledger_busy'],
    ['40P01', 'ledger_busy'],
    ['42501', 'ledger_unavailable'],
    ['42P01', 'ledger_unavailable'],
    ['53100', 'ledger_full'],
    ['53300', 'ledger_unavailable'],
    ['54000', 'option_invalid'],
    ['55P03', 'ledger_busy'],
    ['57014', 'ledger_busy'],
    ['57P01', 'ledger_unavailable'],
    ['57P03', 'ledger_unavailable'],
    ['XX001', 'ledger_corrupt'],
    ['P0001', 'ledger_unavailable'],
  ])('makes of %s %s, with the cause', (state, code) => {
    const cause = failure(state)
    expect(toOutboxError(cause)).toMatchObject({ code, cause })
  })

  test('makes of a connection that ended an unreachable database', () => {
    const error = toOutboxError(new Error('Connection terminated unexpectedly'))
    expect(error).toMatchObject({
      code: 'ledger_unavailable',
      message: expect.stringContaining('cannot be reached'),
    })
  })

  test('leaves an error of the outbox as it is', () => {
    const error = new OutboxError('ledger_closed', 'closed')
    expect(toOutboxError(error)).toBe(error)
  })
})

test('isConflict tells a partition that this session does not know yet from a value that breaks a rule', () => {
  const unknownPartition = failure('23514')
  expect(isConflict(unknownPartition)).toBe(true)
  expect(isConflict(Object.assign(failure('23514'), { constraint: 'deliveries_check' }))).toBe(false)
})

test('isConflict tells when to try again at once', () => {
  expect(['40001', '40P01', '55P03', '57014'].map((code) => isConflict(failure(code)))).toEqual([
    true,
    true,
    false,
    false,
  ])
})

test('isKeyHeld tells who waited for an idempotency key from who waited for a table, in every language', () => {
  const waited = (where: string): Error => Object.assign(failure('55P03'), { where })
  const statement = 'SQL statement "INSERT INTO "taskhook".idempotency_keys …"'
  const held = [
    'while inserting index tuple (0,3) in relation "idempotency_keys"',
    'beim Einfügen von Indextupel (0,3) in Relation »idempotency_keys«',
    "lors de l'insertion de l'enregistrement (0, 3) de l'index dans la relation « idempotency_keys »",
  ]
  expect(held.map((where) => isKeyHeld(toOutboxError(waited(`${where}\n${statement}`))))).toEqual([
    true,
    true,
    true,
  ])
  expect(isKeyHeld(waited(statement))).toBe(false)
  expect(isKeyHeld(Object.assign(failure('40P01'), { where: held[0] }))).toBe(false)
})

test('isFaultOfStatement tells when what was given is to blame', () => {
  expect(
    ['23505', '22021', '54000', '40001', '57P01'].map((code) => isFaultOfStatement(failure(code))),
  ).toEqual([true, true, true, false, false])
})
