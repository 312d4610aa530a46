import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { shellWord } from './shell-word.ts'

test.each(['crm', 'www.example.org:8443/automation', 'b é "x"', "it's", '$HOME `id`', 'a;b&c|d', '~', ''])(
  'a shell takes %j as it was',
  (text) => expect(execFileSync('/bin/sh', ['-c', `printf %s ${shellWord(text)}`]).toString()).toBe(text),
)

test('what needs no quotes has none', () =>
  expect(shellWord('crm-2.example.org:8443/in')).toBe('crm-2.example.org:8443/in'))
