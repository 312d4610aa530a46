import { crc32 } from 'node:zlib'

/** A number from 0 to 2³² − 1 that is the same for the same ordering key, in every version and on every machine. */
export function hashOrderingKey(orderingKey: string): number {
  return crc32(orderingKey)
}

/** Which of `count` partitions an ordering key is in, from 0 on. */
export function partitionOf(orderingKey: string, count: number): number {
  return hashOrderingKey(orderingKey) % count
}
