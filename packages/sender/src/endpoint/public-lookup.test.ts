import type { LookupAddress } from 'node:dns'
import { describe, expect, test } from 'vitest'
import { createPublicLookup } from './public-lookup.ts'

type Answer = [error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number]

const publicAddress = { address: '93.184.215.14', family: 4 }
const privateAddress = { address: '192.168.0.1', family: 4 }

/** What the lookup answers when the name server says `addresses`. */
function answer(addresses: LookupAddress[], all: boolean): Promise<Answer> {
  const lookup = createPublicLookup((_hostname, _options, callback) => callback(null, addresses))
  return new Promise((resolve) => {
    lookup('www.example.org', { all }, (error, address, family) => {
      resolve(family === undefined ? [error, address] : [error, address, family])
    })
  })
}

describe('a public lookup', () => {
  test('answers public addresses, in the form that was asked for', async () => {
    expect(await answer([publicAddress], true)).toEqual([null, [publicAddress]])
    expect(await answer([publicAddress], false)).toEqual([null, publicAddress.address, 4])
  })

  test('leaves out the private addresses of a name that has both', async () => {
    expect(await answer([privateAddress, publicAddress], true)).toEqual([null, [publicAddress]])
    expect(await answer([privateAddress, publicAddress], false)).toEqual([null, publicAddress.address, 4])
  })

  test.each([[[privateAddress]], [[]]])(
    'refuses a name that has no public address: %j',
    async (addresses) => {
      for (const all of [true, false]) {
        // Each answer on its own.
        // oxlint-disable-next-line no-await-in-loop
        const [error] = await answer(addresses, all)
        expect(error).toMatchObject({ code: 'address_denied' })
      }
    },
  )

  test('hands on that a name cannot be looked up', async () => {
    const failure = Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' })
    const lookup = createPublicLookup((_hostname, _options, callback) => callback(failure, []))
    const error = await new Promise((resolve) => {
      lookup('www.example.org', { all: true }, resolve)
    })
    expect(error).toBe(failure)
  })
})
