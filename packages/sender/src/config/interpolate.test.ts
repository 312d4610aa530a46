import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { interpolate } from './interpolate.ts'

const env = { HOST: 'www.example.org', _port2: '8080', EMPTY: '', NESTED: '${HOST} $& $1 ${' }

describe('interpolate', () => {
  test.each([
    ['${HOST}', 'www.example.org'],
    ['http://${HOST}:${_port2}/a', 'http://www.example.org:8080/a'],
    ['${HOST}${HOST}', 'www.example.orgwww.example.org'],
    ['a${EMPTY}b', 'ab'],
    ['$HOST {HOST} $ {HOST} $$', '$HOST {HOST} $ {HOST} $$'],
    ['$${HOST}', '$www.example.org'],
  ])('%s becomes %s', (text, value) => {
    expect(interpolate(text, env)).toEqual({ value, issues: [] })
  })

  test('does not look again at what it has put in', () => {
    expect(interpolate('${NESTED}', env)).toEqual({ value: env.NESTED, issues: [] })
  })

  test('reaches every string of a section, but no key', () => {
    const section = [
      { secret: ['a', '${HOST}'], headers: { '${HOST}': '${HOST}' }, maxConcurrency: 3, id: null },
    ]
    expect(interpolate(section, env).value).toEqual([
      { secret: ['a', env.HOST], headers: { '${HOST}': env.HOST }, maxConcurrency: 3, id: null },
    ])
  })

  test('says where a variable is not set', () => {
    expect(interpolate([{ headers: { 'x-a': '${NOPE} ${HOST} ${NADA}' } }], env)).toEqual({
      value: [{ headers: { 'x-a': '${NOPE} www.example.org ${NADA}' } }],
      issues: [
        { path: [0, 'headers', 'x-a'], message: 'the environment variable NOPE is not set' },
        { path: [0, 'headers', 'x-a'], message: 'the environment variable NADA is not set' },
      ],
    })
  })

  test.each(['${}', '${1A}', '${A-B}', '${ HOST }', '${HOST', '${', '${HÖST}', '${HOST:-x}'])(
    'refuses %s, which is no reference',
    (text) => {
      expect(interpolate(text, env).issues).toHaveLength(1)
    },
  )

  test.each(['constructor', '__proto__', 'toString', 'inherited'])(
    'does not find %s, which the environment only inherits',
    (name) => {
      const child: Record<string, string> = Object.create({ inherited: 'x' })
      expect(interpolate(`\${${name}}`, child).issues).toEqual([
        { path: [], message: `the environment variable ${name} is not set` },
      ])
    },
  )

  test('takes a variable that is there but undefined for one that is not set', () => {
    expect(interpolate('${A}', { A: undefined }).issues).toHaveLength(1)
  })

  test('leaves a section without references as it is, and is not it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (section) => {
        fc.pre(!JSON.stringify(section).includes('${'))
        expect(interpolate(section, env)).toStrictEqual({ value: section, issues: [] })
      }),
    )
    const section = { headers: { a: '${HOST}' } }
    interpolate(section, env)
    expect(section).toEqual({ headers: { a: '${HOST}' } })
  })

  test('is not brought down by a section that is nested without end', () => {
    const section: Record<string, unknown> = {}
    section['section'] = section
    expect(interpolate(section, env).issues).toEqual([])
  })

  test('keeps an own __proto__ a plain property, to be refused like any unknown key', () => {
    const { value } = interpolate(JSON.parse('{"__proto__": {"enabled": true}}'), env)
    expect(Object.keys(value as object)).toEqual(['__proto__'])
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
  })
})
