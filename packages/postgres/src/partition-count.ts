/** How many partitions the ordering keys of one endpoint are in: enough for some tens of machines to share them evenly. */
export const partitionCount = 64
