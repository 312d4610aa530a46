import { expect, test } from 'vitest'
import { andThen } from './and-then.ts'

test('goes on at once with what is there', () => {
  expect(andThen(1, (value) => value + 1)).toBe(2)
  expect(andThen(undefined, () => 'done')).toBe('done')
})

test('goes on later with what is promised, by any kind of promise', async () => {
  const promised = andThen(Promise.resolve(1), (value) => value + 1)
  expect(promised).toBeInstanceOf(Promise)
  expect(await promised).toBe(2)
  // oxlint-disable-next-line unicorn/no-thenable -- a schema library may have promises of its own
  const thenable = { then: (resolve: (value: number) => void) => resolve(1) } as unknown as Promise<number>
  const later = andThen(thenable, (value) => value + 1)
  expect(later).toBeInstanceOf(Promise)
  expect(await later).toBe(2)
})

test('throws at once or rejects later what is thrown', async () => {
  expect(() => andThen(1, fail)).toThrow('no')
  await expect(andThen(Promise.resolve(1), fail)).rejects.toThrow('no')
})

function fail(): never {
  throw new Error('no')
}
