import { encodeTaskEvent, eventTypes } from '@taskhook/core'

/** A body that a cut one may have been. */
export interface CompletedBody {
  value: string
  detail: string
}

/**
 * What a body that ends too early may have been: with what closes its JSON, and, where enough of an event is left, that event whole.
 */
export function* completeJson(body: Buffer): Generator<CompletedBody> {
  const text = body.toString()
  const closing = closeJson(text)
  if (closing !== undefined && closing !== '') {
    for (const ending of [closing, `${closing}\n`, `null${closing}`]) {
      yield { value: text + ending, detail: `${JSON.stringify(ending)} is missing` }
    }
  }
  const event = completeEvent(text)
  if (event !== undefined && event !== text && event.startsWith(text)) {
    yield { value: event, detail: `${Buffer.byteLength(event) - body.length} bytes are missing` }
  }
  // Cut within a character: what is left of it is no UTF-8.
  const whole = text.replace(/\uFFFD+$/, '')
  if (whole !== text && event?.startsWith(whole)) {
    yield { value: event, detail: 'it ends within a character' }
  }
}

/** What closes the strings, arrays and objects that are open at the end of a text; empty when nothing is. */
function closeJson(text: string): string | undefined {
  const open: string[] = []
  let isString = false
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index]
    if (isString) {
      if (character === '\\') index += 1
      else if (character === '"') isString = false
    } else if (character === '"') isString = true
    else if (character === '{') open.push('}')
    else if (character === '[') open.push(']')
    else if ((character === '}' || character === ']') && open.pop() !== character) return undefined
  }
  return `${isString ? '"' : ''}${open.toReversed().join('')}`
}

/** The event as the specification writes it, of an id and a type that are whole; the second id is that of the first. */
function completeEvent(text: string): string | undefined {
  const [, raw] = /^\uFEFF?\s*\{\s*"(?:orderId|taskId)"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(text) ?? []
  const [, type = ''] = /"eventType"\s*:\s*"(\w*)/.exec(text) ?? []
  if (raw === undefined) return undefined
  const candidates = eventTypes.filter((name) => name.startsWith(type))
  const [eventType] = candidates
  if (eventType === undefined || candidates.length !== 1) return undefined
  try {
    return encodeTaskEvent({ taskId: JSON.parse(raw) as string, eventType })
  } catch {
    return undefined
  }
}
