/**
 * Keeps the event loop turning until `isDone`, for a process at the other end of what is measured: to wake it from its
 * sleep would cost the measured process more than the message does, and the more often, the slower that one is.
 */
export function stayAwake(isDone: () => boolean): void {
  if (!isDone()) setImmediate(stayAwake, isDone)
}
