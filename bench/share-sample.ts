/** Several candidates are measured at once: takes one sample a round for all of them. Each asks with a key of its own. */
export function shareSample<T>(sample: () => Promise<T>): (key: string) => Promise<T> {
  let taken: Promise<T> | undefined
  const asked = new Set<string>()
  return (key) => {
    // Who asks a second time asks in the next round.
    if (taken === undefined || asked.has(key)) {
      taken = sample()
      asked.clear()
    }
    asked.add(key)
    return taken
  }
}
