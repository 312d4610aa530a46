import { execFile } from 'node:child_process'
import { glob, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = path.resolve(import.meta.dirname, '..')
// Beside the tests, so that examples find the packages that they import.
const work = path.join(import.meta.dirname, '.tmp-examples')

beforeAll(async () => {
  await rm(work, { recursive: true, force: true })
  await mkdir(work)
})
afterAll(() => rm(work, { recursive: true, force: true }))

// What the readers of an example have already, by the name that it goes by there.
const given: Readonly<Record<string, string>> = {
  access: `import('@taskhook/dashboard').DashboardOptions['access']`,
  app: `import('express').Express`,
  archive: '(taskId: string) => Promise<void>',
  attempt: `import('@taskhook/outbox').EndpointSpec['attempt']`,
  base: 'URL',
  body: 'Uint8Array',
  client: `import('pg').Client`,
  config: `import('@taskhook/sender').WebHookConfig`,
  createServer: `typeof import('node:http').createServer`,
  currentSecret: 'string',
  dashboard: `ReturnType<typeof import('@taskhook/dashboard').createDashboard>`,
  handle: '(event: object) => Promise<void>',
  handler: 'any',
  headers: 'Record<string, string>',
  inbox: `import('@taskhook/core').InboxLike`,
  isOperator: '(request: Request) => boolean',
  myStore: `(times: object) => import('@taskhook/core').DedupeStore`,
  options: 'any',
  outbox: `import('@taskhook/outbox').Outbox`,
  pool: `import('pg').Pool`,
  previousSecret: 'string',
  rawBody: 'Uint8Array',
  receiversWords: 'string',
  refresh: '(taskId: string) => Promise<void>',
  refreshTask: '(taskId: string) => Promise<void>',
  request: 'any',
  response: `import('node:http').ServerResponse`,
  scope: `import('fastify').FastifyInstance`,
  secret: 'string',
  sender: `import('@taskhook/sender').Sender`,
  test: '(name: string, run: () => Promise<void>) => void',
  url: 'string',
  verifier: `import('@taskhook/core').WebhookVerifier`,
  webhook: `import('@taskhook/core').ReceivedWebhook<import('@taskhook/core').TaskEvent>`,
}
const givenIn: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  fastify: { app: `import('fastify').FastifyInstance` },
  web: { app: `import('hono').Hono` },
}

interface Example {
  /** From the root. */
  file: string
  code: string
}

/** The code after each `@example`, up to the next tag or the end of its comment. */
function findExamples(file: string, text: string): Example[] {
  return [...text.matchAll(/\/\*\*.*?\*\//gs)].flatMap(([comment]) =>
    comment
      .split('@example')
      .slice(1)
      .map((after) => {
        const lines = after.split('\n').slice(1, -1)
        const plain = lines.map((line) => line.replace(/^\s*\* ?/, ''))
        const end = plain.findIndex((line) => line.startsWith('@'))
        return { file, code: plain.slice(0, end === -1 ? undefined : end).join('\n') }
      }),
  )
}

/** The names that a module exports, as far as they are written in it. */
function findExports(text: string): string[] {
  const lists = [...text.matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(([, list = '']) =>
    list.split(','),
  )
  const direct = [...text.matchAll(/export (?:async )?(?:function|const|class|interface|type) (\w+)/g)]
  return [
    ...lists.map((name) => name.replace(/^\s*type /, '').trim()),
    ...direct.map(([, name = '']) => name),
  ]
}

/** Where each public name comes from. */
async function readEntries(): Promise<[source: string, names: string[]][]> {
  const entries: [string, string[]][] = []
  for await (const file of glob('packages/*/package.json', { cwd: root })) {
    const manifest = JSON.parse(await readFile(path.join(root, file), 'utf8')) as {
      name: string
      exports: Record<string, { 'taskhook-source'?: string } | string>
    }
    for (const [entry, target] of Object.entries(manifest.exports)) {
      if (typeof target === 'string' || target['taskhook-source'] === undefined) continue
      const text = await readFile(path.join(root, path.dirname(file), target['taskhook-source']), 'utf8')
      entries.push([`${manifest.name}${entry.slice(1)}`, findExports(text)])
    }
  }
  // Of the adapters, the examples of packages that have none are in Express.
  return entries.toSorted(
    ([one], [other]) => Number(other.endsWith('/express')) - Number(one.endsWith('/express')),
  )
}

test('each example in a docstring compiles', async () => {
  const entries = await readEntries()
  let count = 0
  for await (const file of glob('packages/*/src/**/*.ts', { cwd: root })) {
    if (/\.test\.ts$|\/testing\//.test(file)) continue
    const text = await readFile(path.join(root, file), 'utf8')
    for (const { code } of findExamples(file, text)) {
      count += 1
      const name = `${file.replaceAll(/[^\w]/g, '-')}-${count}.ts`
      await writeFile(path.join(work, name), toModule({ file, code }, findExports(text), entries))
    }
  }
  const config = {
    extends: '../../tsconfig.base.json',
    compilerOptions: {
      isolatedDeclarations: false,
      declaration: false,
      verbatimModuleSyntax: false,
    },
  }
  await writeFile(path.join(work, 'tsconfig.json'), JSON.stringify(config))

  expect(count).toBeGreaterThan(30)
  const tsc = path.join(root, 'node_modules/.bin/tsc')
  await expect(promisify(execFile)(tsc, ['--project', work])).resolves.toEqual({ stdout: '', stderr: '' })
})

/** An example with what it takes for granted: imports from its own package before others, and what its readers have. */
function toModule(
  { file, code }: Example,
  own: readonly string[],
  entries: readonly (readonly [string, readonly string[]])[],
): string {
  const folder = file.split('/')[1] ?? ''
  const isUsed = (name: string): boolean =>
    new RegExp(`(?<![\\w.'"-])${name}\\b(?!\\s*:)`).test(code) && !isDeclared(name, code)
  const imports = new Map<string, string>()
  const isOwn = ([source]: readonly [string, readonly string[]]): boolean =>
    source.startsWith(`@taskhook/${folder}`)
  const sources = [
    ...entries.filter(isOwn),
    [path.join(root, file), own] as const,
    ...entries.filter((one) => !isOwn(one)),
  ]
  for (const [source, names] of sources) {
    for (const name of names)
      if (/^\w+$/.test(name) && !imports.has(name) && isUsed(name)) imports.set(name, source)
  }
  const constants = Object.entries({ ...given, ...givenIn[folder] }).filter(
    ([name]) => isUsed(name) && !imports.has(name),
  )
  const isModule = /^(?:export|import|class) /m.test(code)
  return [
    ...[...imports].map(([name, source]) => `import { ${name} } from ${JSON.stringify(source)}`),
    ...constants.map(([name, type]) => `declare const ${name}: ${type}`),
    isModule ? code : `export async function example() {\n${code}\n}`,
  ].join('\n')
}

function isDeclared(name: string, code: string): boolean {
  return new RegExp(
    `(?:const|let|class|function) ${name}\\b|(?:const|let) [{[][^=]*\\b${name}\\b[^=]*[}\\]] =`,
  ).test(code)
}
