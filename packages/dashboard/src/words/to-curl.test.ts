import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { toCurl } from './to-curl.ts'

test('is one command for a shell, whatever the body holds', () => {
  const body = `{"a":"it's $HOME \`id\` \\\\ \\n"}\nsecond line`
  const command = toCurl([['webhook-id', `x'; touch /tmp/never`]], body)
  // The shell prints what curl would get, one argument a line.
  const script = `curl() { for argument in "$@"; do printf '%s\\0' "$argument"; done; }\nENDPOINT=http://receiver.example/\n${command}`
  const given = execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0')
  expect(given).toEqual([
    '--include',
    'http://receiver.example/',
    '--header',
    `webhook-id: x'; touch /tmp/never`,
    '--data-raw',
    body,
    '',
  ])
})
