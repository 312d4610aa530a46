import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ConfigError } from './config-error.ts'
import { loadConfig } from './load-config.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taskhook-config-'))
})

afterAll(async () => {
  await rm(folder, { recursive: true })
})

async function write(content: unknown): Promise<string> {
  const file = join(folder, 'config.json')
  const isRaw = typeof content === 'string' || content instanceof Uint8Array
  await writeFile(file, isRaw ? content : JSON.stringify(content))
  return file
}

async function refusal(loading: Promise<unknown>): Promise<ConfigError> {
  const error = await loading.catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(ConfigError)
  return error as ConfigError
}

describe('loadConfig', () => {
  test('reads the webHook section of a file that has more', async () => {
    const file = await write({
      database: { url: '${NOPE}' },
      webHook: { enabled: true, endpoint: 'http://${HOST}/' },
    })
    expect(await loadConfig(file, { env: { HOST: 'localhost' } })).toMatchObject([
      { enabled: true, endpoint: 'http://localhost/', connectionTimeout: 'PT30S' },
    ])
  })

  test('reads a list of sections', async () => {
    expect(await loadConfig(await write({ webHook: [{ id: 'a' }, { id: 'b' }] }))).toMatchObject([
      { id: 'a' },
      { id: 'b' },
    ])
  })

  test('resolves key stores against the folder of the file', async () => {
    const file = await write({
      webHook: [{ sslKeyFile: 'client.p12', sslTrustFile: '../trust.jks' }, { sslKeyFile: '/a.pem' }],
    })
    const expected = [
      { sslKeyFile: join(folder, 'client.p12'), sslTrustFile: join(folder, '../trust.jks') },
      { sslKeyFile: '/a.pem' },
    ]
    expect(await loadConfig(file)).toMatchObject(expected)
    expect(await loadConfig(relative(process.cwd(), file))).toMatchObject(expected)
  })

  test('takes a byte order mark', async () => {
    expect(await loadConfig(await write('\uFEFF{"webHook": {}}'))).toMatchObject([{ enabled: false }])
  })

  test('config_unreadable: keeps the cause', async () => {
    const file = join(folder, 'missing.json')
    expect(await refusal(loadConfig(file))).toMatchObject({
      code: 'config_unreadable',
      message: `${file} cannot be read (ENOENT)`,
      cause: { code: 'ENOENT' },
      issues: [],
    })
    expect(await refusal(loadConfig(folder))).toMatchObject({
      code: 'config_unreadable',
      cause: { code: 'EISDIR' },
    })
  })

  test.each([
    ['', 1, 1],
    ['{\n  "webHook": {\n    "secret": "hunter2"\n    "key": "k"\n  }\n}', 4, 5],
    ['{\r\n  "webHook": hunter2\r\n}', 2, 14],
    ['\uFEFF{"webHook": {"secret": "hunter2",}}', 1, 34],
    ['{"webHook": {"secret": "hunter2"', 1, 33],
    ['{"webHook": {"secret": "hunter2}}', 1, 34],
  ])('config_not_json: %j is wrong in line %i, column %i', async (text, line, column) => {
    const file = await write(text)
    const error = await refusal(loadConfig(file))
    expect(error.code).toBe('config_not_json')
    expect(error.message).toBe(`${file} is not JSON: syntax error in line ${line}, column ${column}`)
    expect(error.cause).toBeUndefined()
  })

  test('config_not_json: a line break in a string, which is in no line of its own', async () => {
    const file = await write('{"webHook": {"secret": "hunter\n2"}}')
    const { message } = await refusal(loadConfig(file))
    expect(message).toBe(`${file} is not JSON: a string in it has a line break or another control character`)
  })

  test('config_not_json: text in another encoding than UTF-8', async () => {
    const error = await refusal(
      loadConfig(await write(Buffer.from('{"webHook": {"key": "Zürich"}}', 'latin1'))),
    )
    expect(error).toMatchObject({ code: 'config_not_json', message: expect.stringContaining('not UTF-8') })
  })

  test.each([
    [{}],
    [{ hook: {} }],
    [[]],
    [null],
    ['"webHook"'],
    [JSON.parse('{"__proto__": {"webHook": {}}}')],
  ])('config_missing_section: %j', async (document) => {
    const error = await refusal(loadConfig(await write(document)))
    expect(error).toMatchObject({
      code: 'config_missing_section',
      message: expect.stringMatching(/has no "webHook" section$/),
    })
  })

  test('config_missing_section: says when it is spelled otherwise', async () => {
    const error = await refusal(loadConfig(await write({ webhook: {} })))
    expect(error.message).toContain('it has "webhook", which is spelled "webHook"')
  })

  test('config_invalid: names the file, the key and the variable', async () => {
    const file = await write({ webHook: { secret: '${SECRET}' } })
    expect(await refusal(loadConfig(file, { env: {} }))).toMatchObject({
      code: 'config_invalid',
      message: `a problem in the webHook section of ${file}:\n  webHook.secret: the environment variable SECRET is not set`,
      issues: [{ path: 'webHook.secret', message: 'the environment variable SECRET is not set' }],
    })
  })
})
