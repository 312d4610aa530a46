import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isPrivateAddress } from './private-network.ts'

const privateRanges = [
  ['0.0.0.0', '0.255.255.255'],
  ['10.0.0.0', '10.255.255.255'],
  ['100.64.0.0', '100.127.255.255'],
  ['127.0.0.0', '127.255.255.255'],
  ['169.254.0.0', '169.254.255.255'],
  ['172.16.0.0', '172.31.255.255'],
  ['192.0.0.0', '192.0.0.255'],
  ['192.0.2.0', '192.0.2.255'],
  ['192.88.99.0', '192.88.99.255'],
  ['192.168.0.0', '192.168.255.255'],
  ['198.18.0.0', '198.19.255.255'],
  ['198.51.100.0', '198.51.100.255'],
  ['203.0.113.0', '203.0.113.255'],
  ['224.0.0.0', '255.255.255.255'],
] as const

const toNumber = (address: string): number =>
  address.split('.').reduce((number, byte) => number * 256 + Number(byte), 0)
const toAddress = (number: number): string =>
  [24, 16, 8, 0].map((bits) => Math.floor(number / 2 ** bits) % 256).join('.')
const isInPrivateRange = (number: number): boolean =>
  privateRanges.some(([first, last]) => number >= toNumber(first) && number <= toNumber(last))

/** The same IPv4 address within IPv6: mapped, NAT64, 6to4. */
function embedded(number: number): string[] {
  const high = Math.floor(number / 65_536).toString(16)
  const low = (number % 65_536).toString(16)
  const dotted = toAddress(number)
  return [
    `::ffff:${dotted}`,
    `::ffff:${high}:${low}`,
    `::ffff:0:${dotted}`,
    `64:ff9b::${dotted}`,
    `64:ff9b::${high}:${low}`,
    `2002:${high}:${low}::1`,
  ]
}

describe('isPrivateAddress', () => {
  test.each(privateRanges)('%s to %s is private, its neighbours are judged by themselves', (first, last) => {
    expect([isPrivateAddress(first), isPrivateAddress(last)]).toEqual([true, true])
    for (const neighbour of [toNumber(first) - 1, toNumber(last) + 1]) {
      if (neighbour < 0 || neighbour >= 2 ** 32) continue
      expect([toAddress(neighbour), isPrivateAddress(toAddress(neighbour))]).toEqual([
        toAddress(neighbour),
        isInPrivateRange(neighbour),
      ])
    }
  })

  test('every IPv4 address is judged by these ranges, as itself and within IPv6', () => {
    const inRange = fc
      .constantFrom(...privateRanges)
      .chain(([first, last]) => fc.integer({ min: toNumber(first), max: toNumber(last) }))
    fc.assert(
      fc.property(fc.oneof(inRange, fc.integer({ min: 0, max: 2 ** 32 - 1 })), (number) => {
        for (const address of [toAddress(number), ...embedded(number)]) {
          expect([address, isPrivateAddress(address)]).toEqual([address, isInPrivateRange(number)])
        }
      }),
    )
  })

  test.each([
    ['::', 'unspecified'],
    ['::1', 'loopback'],
    ['::8.8.8.8', 'IPv4-compatible'],
    ['64:ff9b:1::1', 'NAT64 of a local network'],
    ['100::1', 'discarded'],
    ['2001::1', 'Teredo'],
    ['2001:db8::1', 'documentation'],
    ['3fff::1', 'documentation'],
    ['5f00::1', 'segment routing'],
    ['fc00::1', 'unique-local'],
    ['fd00:ec2::254', 'a metadata service'],
    ['fe80::1', 'link-local'],
    ['fe80::1%eth0', 'link-local with a zone'],
    ['febf::1', 'link-local'],
    ['fec0::1', 'site-local'],
    ['ff02::1', 'multicast'],
    ['', 'no address'],
    ['localhost', 'no address'],
    ['127.1', 'no address'],
    ['010.0.0.1', 'no address'],
  ])('%s is private: %s', (address) => {
    expect(isPrivateAddress(address)).toBe(true)
  })

  test.each([
    '8.8.8.8',
    '1.1.1.1',
    '2606:4700::1111',
    '2a00:1450:4001::1',
    '2400::1',
    '64:ff9b::808:808',
    '2001:4860::8888',
  ])('%s is public', (address) => {
    expect(isPrivateAddress(address)).toBe(false)
  })
})
