/** JSON as it was written: strings and numbers as they stand in the text. */
export type JsonNode =
  | { kind: 'scalar'; raw: string }
  | { kind: 'array'; items: readonly JsonNode[] }
  | { kind: 'object'; members: readonly JsonMember[] }

/** A key, quotation marks and all, and its value. */
export interface JsonMember {
  key: string
  value: JsonNode
}

// Deeper than any event, and far from the end of the stack.
const deepest = 200
const scalar = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y

/** Reads JSON without losing how it was written, as `JSON.parse` would: escapes, forms of numbers, the order of all keys. */
export function readJson(text: string): JsonNode | undefined {
  try {
    JSON.parse(text)
  } catch {
    return undefined
  }
  let position = 0

  // What JSON.parse took is JSON, so what is looked for is there.
  function skip(): string {
    while (' \t\n\r'.includes(text[position] ?? 'x')) position += 1
    return text[position] ?? ''
  }

  function readScalar(): string {
    skip()
    scalar.lastIndex = position
    const raw = scalar.exec(text)?.[0] ?? ''
    position += raw.length
    return raw
  }

  function readList<Item>(end: string, readItem: () => Item): Item[] {
    const items: Item[] = []
    position += 1
    while (skip() !== end) {
      items.push(readItem())
      if (skip() === ',') position += 1
    }
    position += 1
    return items
  }

  function readNode(depth: number): JsonNode {
    if (depth > deepest) throw new RangeError('too deep')
    switch (skip()) {
      case '{': {
        const members = readList('}', () => {
          const key = readScalar()
          skip()
          position += 1
          return { key, value: readNode(depth + 1) }
        })
        return { kind: 'object', members }
      }
      case '[':
        return { kind: 'array', items: readList(']', () => readNode(depth + 1)) }
      default:
        return { kind: 'scalar', raw: readScalar() }
    }
  }

  try {
    return readNode(0)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}
