/** Lets everything else run that waits for this thread. A ledger in the same process answers without that. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve))
}
