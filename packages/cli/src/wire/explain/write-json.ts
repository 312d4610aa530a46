import type { JsonNode } from './json-node.ts'

/** Where white space goes. */
export interface JsonLayout {
  /** What follows each comma. */
  afterComma: string
  /** What is between a key and its value. */
  colon: string
  /** What is within the braces of an object and the brackets of an array. */
  padding: string
  /** What each level is moved in by; then each item has a line of its own. */
  indent?: string
  lineBreak?: string
}

/** How JSON is written. */
export interface JsonStyle {
  layout: JsonLayout
  /** Of a string as it was written. */
  writeString: (raw: string) => string
  writeNumber: (raw: string) => string
}

/** Writes JSON anew. */
export function writeJson(node: JsonNode, style: JsonStyle, level = 0): string {
  switch (node.kind) {
    case 'scalar':
      return writeScalar(node.raw, style)
    case 'array':
      return wrap(
        '[]',
        style,
        level,
        node.items.map((item) => writeJson(item, style, level + 1)),
      )
    case 'object':
      return wrap(
        '{}',
        style,
        level,
        node.members.map(
          ({ key, value }) =>
            `${style.writeString(key)}${style.layout.colon}${writeJson(value, style, level + 1)}`,
        ),
      )
  }
}

function writeScalar(raw: string, { writeString, writeNumber }: JsonStyle): string {
  if (raw.startsWith('"')) return writeString(raw)
  return /^[-\d]/.test(raw) ? writeNumber(raw) : raw
}

function wrap(
  [open = '', close = '']: string,
  { layout }: JsonStyle,
  level: number,
  parts: string[],
): string {
  if (parts.length === 0) return `${open}${close}`
  const { afterComma, padding, indent, lineBreak = '\n' } = layout
  if (indent === undefined) return `${open}${padding}${parts.join(`,${afterComma}`)}${padding}${close}`
  const line = `${lineBreak}${indent.repeat(level + 1)}`
  return `${open}${line}${parts.join(`,${line}`)}${lineBreak}${indent.repeat(level)}${close}`
}
