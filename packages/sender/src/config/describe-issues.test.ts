import { describe, expect, test } from 'vitest'
import { parseConfig } from './parse-config.ts'
import { listProblems } from '../testing/list-problems.ts'

describe('describeIssues', () => {
  test('tells all problems at once, in every section', () => {
    const sections = [
      { enabled: true, secret: ' ', useSslClientCert: true, colour: 'red' },
      {
        endpoint: 'https://user@www.example.org/#top',
        headers: { n: 1, Host: 'x' },
        retrySchedule: ['P1Y', 'soon'],
      },
      { id: 'a', key: '\uD800', secret: ['', 'good', 'whsec_*'] },
      { id: 'a' },
    ]
    const paths = listProblems(sections).map((problem) => problem.slice(0, problem.indexOf(': ')))
    expect(paths.toSorted()).toEqual([
      'webHook[0].colour',
      'webHook[0].endpoint',
      'webHook[0].secret',
      'webHook[0].sslKeyFile',
      'webHook[1].endpoint',
      'webHook[1].endpoint',
      'webHook[1].headers.Host',
      'webHook[1].headers.n',
      'webHook[1].retrySchedule[0]',
      'webHook[1].retrySchedule[1]',
      'webHook[2].key',
      'webHook[2].secret[0]',
      'webHook[2].secret[2]',
      'webHook[3].id',
    ])
  })

  test('takes one line of the message for each', () => {
    expect(() => parseConfig({ enabled: true, id: 3 })).toThrow(
      '2 problems in the webHook section:\n  webHook.id: must be a string of 1 to 255 characters; found 3\n  webHook.endpoint: must be there when enabled is true; found nothing',
    )
    expect(listProblems({ id: ['\n'], 'a\nb': 1, events: ['\n'] }).join('')).not.toContain('\n')
  })

  describe('with variables', () => {
    test('names the key and the variable that is not set, in a section that is not enabled too', () => {
      expect(
        listProblems([
          {},
          { secret: ['a', '${SECRET}'], endpoint: 'http://${HOST}/', connectionTimeout: '${WAIT}' },
        ]),
      ).toEqual([
        'webHook[1].secret[1]: the environment variable SECRET is not set',
        'webHook[1].endpoint: the environment variable HOST is not set',
        'webHook[1].connectionTimeout: the environment variable WAIT is not set',
      ])
    })

    test('checks what they have in them, without showing it', () => {
      const env = { WAIT: 'hunter2', EVENT: 'hunter2', EMPTY: '' }
      const section = {
        connectionTimeout: '${WAIT}',
        events: ['${EVENT}'],
        secret: '${EMPTY}',
        endpoint: '${WAIT}',
      }
      const problems = listProblems(section, env)
      expect(problems).toEqual([
        expect.stringMatching(/^webHook.endpoint: .*; found a string$/),
        expect.stringMatching(
          /^webHook.connectionTimeout: .*; found "\$\{WAIT\}" with its variables replaced$/,
        ),
        'webHook.secret: must not be empty or blank; found an empty string',
        expect.stringMatching(/^webHook.events\[0\]: .*; found "\$\{EVENT\}" with its variables replaced$/),
      ])
      expect(problems.join('')).not.toContain('hunter2')
    })
  })

  test('never shows a value that only the two sides know', () => {
    const values = [
      { secret: 'whsec_hunter2!' },
      { secret: { current: 'hunter2' } },
      { secret: ['whsec_hunter2!', 4_815_162_342] },
      { key: 'hunter2\uD800' },
      { key: 4_815_162_342 },
      { sslKeyPassword: ['hunter2'] },
      { sslKeyPassword: 4_815_162_342 },
      { sslTrustPassword: { a: 'hunter2' } },
      { endpoint: 'hunter2' },
      { endpoint: 'https://admin:hunter2@www.example.org' },
      { endpoint: 'ftp://www.example.org/?token=hunter2' },
      { endpoint: 'https://www.example.org/?token=hunter2#' },
      { headers: { authorization: 'Bearer hunter2\n' } },
      { headers: { authorization: 4_815_162_342 } },
      { headers: 'authorization: hunter2' },
      'https://admin:hunter2@www.example.org',
      ['https://admin:hunter2@www.example.org'],
    ]
    for (const value of values) {
      const problems = listProblems(value).join('\n')
      expect(problems).not.toBe('')
      expect(problems).not.toMatch(/hunter2|4815162342|admin/)
    }
  })
})
