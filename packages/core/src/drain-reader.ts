import { drainBounds } from './drain-stream.ts'

/** What is needed of the reader of a stream of the web platform. */
export interface ReaderLike {
  read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>
  cancel(): Promise<unknown>
}

/** As `drainStream`, for a stream of the web platform. What does not end in time is canceled. It never rejects. */
export async function drainReader(reader: ReaderLike): Promise<void> {
  const timer = setTimeout(cancel, drainBounds.longestInMs)
  timer.unref?.()
  try {
    let drained = 0
    while (drained <= drainBounds.mostBytes) {
      const { done, value } = await reader.read()
      if (done) return
      drained += value?.length ?? 0
    }
    cancel()
  } catch {
    // It has failed, or its client has gone: there is nothing more to discard.
  } finally {
    clearTimeout(timer)
  }

  function cancel(): void {
    reader.cancel().catch(() => {})
  }
}
