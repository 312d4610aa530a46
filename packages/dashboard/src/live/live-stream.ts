import { encodeLiveEvent, streamStart, type LiveEvent } from './live-event.ts'
import type { LiveHub, LiveRender } from './live-hub.ts'

/** Whose page it is, and until when it is told. */
export interface LiveStreamOptions {
  /** Pages with the same one are the same. */
  key: string
  render: LiveRender
  /** Of the request. */
  signal: AbortSignal
}

// Then the browser connects again, and is let in anew, or not.
const longestInMs = 5 * 60_000
// A browser that does not read must not fill the memory. It gets the latest when it has read these.
const mostWaitingEvents = 4

/** A stream of server-sent events that keeps a page right while it is open. */
export function createLiveStream(
  hub: LiveHub,
  { key, render, signal }: LiveStreamOptions,
): ReadableStream<Uint8Array> {
  let missed: LiveEvent | undefined
  let leave: (() => void) | undefined
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        controller.enqueue(streamStart)
        const end = (): void => {
          leave?.()
          controller.close()
        }
        const unsubscribe = hub.subscribe(key, render, (event) => {
          if ((controller.desiredSize ?? 0) > 0) controller.enqueue(encodeLiveEvent(event))
          else if (event.type !== 'beat') missed = event
        })
        const timer = setTimeout(end, longestInMs)
        timer.unref()
        signal.addEventListener('abort', end, { once: true })
        leave = () => {
          clearTimeout(timer)
          unsubscribe()
          signal.removeEventListener('abort', end)
        }
        if (signal.aborted) end()
      },
      pull(controller) {
        if (missed !== undefined) controller.enqueue(encodeLiveEvent(missed))
        missed = undefined
      },
      cancel: () => leave?.(),
    },
    { highWaterMark: mostWaitingEvents },
  )
}
