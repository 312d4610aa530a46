import type { WritableLike } from '../run-context.ts'

/** Whether a stream is a terminal that shows colours: not with `NO_COLOR` (https://no-color.org), nor when its `TERM` is `dumb`. */
export function hasColor(stream: WritableLike, env: Readonly<Record<string, string | undefined>>): boolean {
  if (!stream.isTTY || (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb') return false
  return (stream.getColorDepth?.(env) ?? 4) >= 4
}
