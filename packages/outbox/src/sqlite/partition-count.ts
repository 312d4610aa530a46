/** How many partitions the ordering keys of an endpoint are in. A set of them is a mask of bits in the statements. */
export const partitionCount = 16

/** Partitions as a mask, of which bit p says whether p is in it. */
export function toMask(partitions: readonly number[]): number {
  return partitions.reduce((mask, partition) => mask | (1 << partition), 0)
}
