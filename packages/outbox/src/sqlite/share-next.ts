/**
 * Runs an operation one at a time, each run for all who asked before it began. Who asks while it runs gets the next run, which begins when
 * this one has ended, whatever its end: what this one began with is too old for them.
 */
export function shareNext(operation: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  let next: Promise<void> | undefined

  function run(): Promise<void> {
    next = undefined
    const current = operation()
    running = current
    const end = (): void => {
      if (next === undefined) running = undefined
    }
    current.then(end, end)
    return current
  }

  return () => {
    if (next !== undefined) return next
    if (running === undefined) return run()
    next = running.then(run, run)
    return next
  }
}
