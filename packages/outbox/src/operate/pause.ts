/** Resolves after a time, when the signal is aborted, or when the other promise resolves, and leaves no timer behind. */
export async function pause(
  timeInMs: number,
  { signal, until }: { signal?: AbortSignal | undefined; until?: Promise<void> | undefined },
): Promise<void> {
  if (signal?.aborted) return
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, timeInMs)
  const onAbort = (): void => resolve()
  signal?.addEventListener('abort', onAbort, { once: true })
  await Promise.race(until === undefined ? [promise] : [promise, until])
  clearTimeout(timer)
  signal?.removeEventListener('abort', onAbort)
}
