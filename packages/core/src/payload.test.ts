import { describe, expect, test } from 'vitest'
import { parseJson, parseWithoutPrototypes, readValidation } from './payload.ts'

const invalid = expect.objectContaining({ code: 'payload_invalid', status: 400 })

describe('parseJson', () => {
  const notJson = expect.objectContaining({ code: 'body_not_json', status: 400 })

  test('reads the same JSON after a body that was none', () => {
    const broken = [Buffer.of(0xff), Buffer.of(0xef, 0xbb, 0xbf, 0xc3), Buffer.of(0xe2, 0x82)]
    for (const bytes of broken) {
      expect(() => parseJson(bytes, JSON.parse)).toThrow(notJson)
      expect(parseJson(Buffer.from('{"a":"€"}'), JSON.parse)).toEqual({ a: '€' })
    }
  })

  test('keeps what the parser said as the cause', () => {
    expect(() => parseJson(Buffer.from('{'), JSON.parse)).toThrow(
      expect.objectContaining({ cause: expect.any(SyntaxError) }),
    )
  })

  test('refuses an empty body by a code of its own', () => {
    expect(() => parseJson(new Uint8Array(), JSON.parse)).toThrow(
      expect.objectContaining({ code: 'body_empty', status: 400 }),
    )
  })
})

describe('parseWithoutPrototypes', () => {
  test.each([
    ['{"a":1,"__proto__":{"b":2}}', { a: 1 }],
    ['{"a":{"__proto__":{"b":2}}}', { a: {} }],
    ['[{"\\u005f_proto\\u005F_":{"b":2}}]', [{}]],
    ['{"constructor":{"prototype":{"b":2}}}', {}],
    ['{"constructor":{"prototype":null}}', {}],
  ])('leaves the prototype keys of %s out', (text, expected) => {
    const value = parseWithoutPrototypes(text)
    expect(JSON.stringify(value)).toBe(JSON.stringify(expected))
    expect((value as { b?: unknown }).b).toBeUndefined()
  })

  test.each([
    '{"constructor":null}',
    '{"constructor":"Smith"}',
    '{"constructor":{"a":1}}',
    '{"prototype":1}',
  ])('leaves %s as it is, which does no harm', (text) => {
    expect(JSON.stringify(parseWithoutPrototypes(text))).toBe(text)
  })

  test('takes 30 000 levels without running out of stack', () => {
    const text = `{"__proto__":1,"a":${'['.repeat(30_000)}${']'.repeat(30_000)}}`
    expect(Object.keys(parseWithoutPrototypes(text) as object)).toEqual(['a'])
  })
})

describe('readValidation', () => {
  test('gives the value of a schema, undefined included', () => {
    expect(readValidation({}, { value: undefined })).toEqual({ event: undefined })
  })

  test('finds an unknown event type where nothing but the type is wrong', () => {
    const payload = { eventType: 'OrderArchived' }
    for (const path of [['eventType'], [{ key: 'eventType' }]]) {
      expect(readValidation(payload, { issues: [{ message: 'x', path }] })).toEqual({
        unknownEventType: 'OrderArchived',
        issues: [{ message: 'x', path: ['eventType'] }],
      })
    }
  })

  test.each([
    [
      'another issue',
      { eventType: 'a' },
      [
        { message: 'x', path: ['eventType'] },
        { message: 'y', path: ['taskId'] },
      ],
    ],
    ['an issue inside the type', { eventType: 'a' }, [{ message: 'x', path: ['eventType', 'length'] }]],
    ['an issue of the whole', { eventType: 'a' }, [{ message: 'x' }]],
    ['a failure that names no issue', { eventType: 'a' }, []],
    ['a type that is empty', { eventType: '' }, [{ message: 'x', path: ['eventType'] }]],
    ['a type that is no string', { eventType: 1 }, [{ message: 'x', path: ['eventType'] }]],
    ['no type', {}, [{ message: 'x', path: ['eventType'] }]],
    ['no object', null, [{ message: 'x', path: ['eventType'] }]],
  ])('refuses %s', (_what, payload, issues) => {
    expect(() => readValidation(payload, { issues })).toThrow(invalid)
  })

  test('tells paths as plain keys, and the first three issues in the message', () => {
    const issues = ['a', 'b', 'c', 'd'].map((key) => ({
      message: `wrong ${key}`,
      path: [{ key: 'items' }, 0, key],
    }))
    expect(() => readValidation({}, { issues })).toThrow(
      expect.objectContaining({
        message:
          'the payload is not a valid event: items.0.a: wrong a; items.0.b: wrong b; items.0.c: wrong c',
        issues: ['a', 'b', 'c', 'd'].map((key) => ({ message: `wrong ${key}`, path: ['items', 0, key] })),
      }),
    )
  })
})
