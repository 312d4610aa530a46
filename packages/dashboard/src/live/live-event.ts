/** What a page that is open is told. */
export type LiveEvent =
  /** What the page is now. */
  | { type: 'page'; version: string; title: string; main: string }
  /** The outbox does not answer; what is shown is as it was. */
  | { type: 'away' }
  /** Nothing has changed, and the connection is alive: a browser that slept hears nothing and connects again. */
  | { type: 'beat' }

const encoder = new TextEncoder()

/** An event in the form of server-sent events (HTML, section 9.2). JSON has no line breaks of its own. */
export function encodeLiveEvent({ type, ...data }: LiveEvent): Uint8Array {
  return encoder.encode(`event: ${type}\ndata: ${JSON.stringify(data)}\n\n`)
}

/** Begins a stream: how soon a browser connects again, in milliseconds. */
export const streamStart: Uint8Array = encoder.encode('retry: 1000\n\n')
