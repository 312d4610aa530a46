/** What is needed of a response to tell whether its client is still there; HTTP/2's has a stream and no `closed`. */
export interface GoneLike {
  readonly closed?: boolean
  readonly destroyed?: boolean
  readonly stream?: { readonly destroyed: boolean } | undefined
}

/** Whether the client of a response has gone, over HTTP/1.1 or HTTP/2. */
export function isGone({ closed, destroyed, stream }: GoneLike): boolean {
  return closed === true || destroyed === true || stream?.destroyed === true
}
