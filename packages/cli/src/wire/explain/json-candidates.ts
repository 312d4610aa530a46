import type { Candidate } from './candidate.ts'
import { cause, type Cause, type CauseCode } from './causes.ts'
import { readJson, type JsonMember, type JsonNode } from './json-node.ts'
import { layouts, numberStyles, sortMembers, stringStyles, type Named } from './json-styles.ts'
import { writeJson, type JsonLayout, type JsonStyle } from './write-json.ts'

const same = <Value>(value: Value): Value => value
const asGiven: Omit<JsonStyle, 'layout'> = { writeString: same, writeNumber: same }
// All orders of more keys are too many.
const mostPermutedKeys = 5
// Beyond, only one thing at a time: every text is hashed many times.
const largestCombined = 16_384

/**
 * The texts that a JSON text may have been before something parsed it and wrote it anew: other white space, order of keys, escapes,
 * forms of numbers; and with keys more or fewer.
 */
export function* listJsonWritings(text: string): Generator<Candidate<string>> {
  const node = readJson(text)
  if (node === undefined) return
  const mostCauses = text.length <= largestCombined ? 3 : 1
  const { strings, numbers } = listScalars(node)
  const stringWays = distinct(strings, 'json_escapes', stringStyles)
  const numberWays = distinct(numbers, 'json_numbers', numberStyles)
  const given: Candidate<JsonNode> = { value: node, causes: [] }
  const sorted = { value: sortMembers(node), causes: [signedWith('json_key_order', 'sorted keys')] }
  const shapes = text.length <= largestCombined ? [...listShapes(node)] : []

  for (const layout of listLayouts(text, node)) {
    for (const ordered of [given, sorted]) {
      for (const string of stringWays) {
        for (const number of numberWays) {
          const parts = [layout, ordered, string, number]
          if (parts.filter(({ causes }) => causes.length > 0).length > mostCauses) continue
          yield write(ordered.value, {
            layout: layout.value,
            style: { writeString: string.value, writeNumber: number.value },
            causes: parts.flatMap(({ causes }) => causes),
          })
        }
      }
    }
    for (const { value, causes } of shapes) {
      yield write(value, { layout: layout.value, causes: [...layout.causes, ...causes] })
    }
  }
}

function write(
  node: JsonNode,
  { layout, style, causes }: { layout: JsonLayout; style?: Partial<JsonStyle>; causes: readonly Cause[] },
): Candidate<string> {
  return { value: writeJson(node, { ...asGiven, ...style, layout }), causes }
}

/** The ways of writing that make a difference to these texts, each outcome once; as they are given first. */
function distinct(
  texts: readonly string[],
  code: CauseCode,
  named: readonly Named<(raw: string) => string>[],
): Candidate<(raw: string) => string>[] {
  const known = new Set([texts.join('\n')])
  const differing = named.filter(({ way }) => {
    const outcome = texts.map(way).join('\n')
    if (known.has(outcome)) return false
    known.add(outcome)
    return true
  })
  return [
    { value: same, causes: [] },
    ...differing.map(({ name, way }) => ({ value: way, causes: [signedWith(code, name)] })),
  ]
}

function signedWith(code: CauseCode, name: string): Cause {
  return cause(code, `it was signed ${/^(?:with|indented|as)\b/.test(name) ? '' : 'with '}${name}`)
}

/** The layouts; the one that the text has already is no cause. */
function listLayouts(text: string, node: JsonNode): Candidate<JsonLayout>[] {
  const known = new Set<string>()
  const listed: Candidate<JsonLayout>[] = []
  for (const { name, way } of layouts) {
    const written = writeJson(node, { ...asGiven, layout: way })
    if (known.has(written)) continue
    known.add(written)
    listed.push({ value: way, causes: written === text ? [] : [signedWith('json_whitespace', name)] })
  }
  return listed
}

function listScalars(node: JsonNode): { strings: string[]; numbers: string[] } {
  const strings: string[] = []
  const numbers: string[] = []
  // Writing visits each of them.
  writeJson(node, {
    ...asGiven,
    layout: { afterComma: '', colon: ':', padding: '' },
    writeString: (raw) => (strings.push(raw), raw),
    writeNumber: (raw) => (numbers.push(raw), raw),
  })
  return { strings, numbers }
}

/** The same object with its keys in other orders, with some of them only, and with the id that an event has twice. */
function* listShapes(node: JsonNode): Generator<Candidate<JsonNode>> {
  if (node.kind !== 'object') return
  const { members } = node
  const withBothIds = addOtherId(members)
  if (withBothIds !== undefined) {
    for (const order of permute(withBothIds))
      yield shape(order, cause('json_members', 'an id was taken from it'))
  }
  if (members.length > mostPermutedKeys) {
    yield shape(
      members.toReversed(),
      cause('json_key_order', 'it was signed with the keys the other way round'),
    )
    for (const [index, { key }] of members.entries()) {
      yield shape(members.toSpliced(index, 1), cause('json_members', `${key} was added`))
    }
    return
  }
  for (let chosen = 2 ** members.length - 1; chosen > 0; chosen -= 1) {
    const kept = members.filter((_member, index) => (chosen & (1 << index)) !== 0)
    const added = members.filter((member) => !kept.includes(member)).map(({ key }) => key)
    if (added.length > 0) yield shape(kept, cause('json_members', `${added.join(', ')} was added`))
    else {
      for (const order of permute(kept)) {
        const keys = order.map(({ key }) => key).join(', ')
        yield shape(order, cause('json_key_order', `it was signed as ${keys}`))
      }
    }
  }
}

function shape(members: readonly JsonMember[], why: Cause): Candidate<JsonNode> {
  return { value: { kind: 'object', members }, causes: [why] }
}

/** An event that has lost one of its two ids, with both. */
function addOtherId(members: readonly JsonMember[]): readonly JsonMember[] | undefined {
  const ids = members.filter(({ key }) => key === '"taskId"' || key === '"orderId"')
  const [only] = ids
  if (only === undefined || ids.length !== 1 || members.length >= mostPermutedKeys) return undefined
  return [...members, { ...only, key: only.key === '"taskId"' ? '"orderId"' : '"taskId"' }]
}

function* permute<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  if (items.length <= 1) {
    yield items
    return
  }
  for (const [index, item] of items.entries()) {
    for (const rest of permute(items.toSpliced(index, 1))) yield [item, ...rest]
  }
}
