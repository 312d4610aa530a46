import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { signedRequest, type SignedRequest } from '@taskhook/core/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findFreePort } from '../scripts/find-free-port.ts'

const secret = 'the shared secret'
// Beside the tests, so that snippets find the packages that they import.
const work = path.join(import.meta.dirname, '.tmp-frameworks')
const document = await readFile(path.join(import.meta.dirname, '../docs/frameworks.md'), 'utf8')

/** Sends a request to a receiver, and resolves to what it answers. */
type Post = (request: SignedRequest) => Promise<Response>

beforeAll(async () => {
  await rm(work, { recursive: true, force: true })
  await mkdir(work)
  // Of decorators, for NestJS.
  const config = { extends: '../../tsconfig.base.json', compilerOptions: { experimentalDecorators: true } }
  await writeFile(path.join(work, 'tsconfig.json'), JSON.stringify(config))
})
afterAll(() => rm(work, { recursive: true, force: true }))

/** Runs the snippet under a heading, on a free port instead of its own. */
async function run(heading: string): Promise<{ port: number; exported: Record<string, unknown> }> {
  const [, section = ''] = document.split(`\n## ${heading}\n`)
  const [, code = ''] = /^```ts\n(.*?)^```$/ms.exec(section) ?? []
  expect(code).not.toBe('')
  const port = await findFreePort()
  const file = path.join(work, `${heading.replaceAll(/\W/g, '-')}.ts`)
  await writeFile(file, code.replaceAll('3000', String(port)))
  return { port, exported: (await import(file)) as Record<string, unknown> }
}

/** Posts over HTTP to what a snippet exports, and closes it in the end. */
async function serve(heading: string): Promise<AsyncDisposable & { post: Post }> {
  const { port, exported } = await run(heading)
  const { server, app } = exported as {
    server?: { close(): unknown; listening: boolean }
    app?: typeof server
  }
  return {
    post: ({ url, ...request }) =>
      fetch(`http://127.0.0.1:${port}${url}`, {
        ...request,
        headers: { ...request.headers, connection: 'close' },
      }),
    async [Symbol.asyncDispose]() {
      await (server ?? app)?.close()
    },
  }
}

interface Snippet extends AsyncDisposable {
  post: Post
}

const snippets: Record<string, () => Promise<Snippet>> = {
  'node:http': () => serve('node:http'),
  Koa: () => serve('Koa'),
  Hono: () => serve('Hono'),
  NestJS: () => serve('NestJS'),
  'AWS Lambda, a body in Base64': () => invoke({ isBase64Encoded: true }),
  'AWS Lambda, a body of text': () => invoke({ isBase64Encoded: false }),
  'Next.js': async () => {
    const { exported } = await run('Next.js')
    const POST = exported['POST'] as (request: Request) => Promise<Response>
    return {
      post: ({ url, ...request }) => POST(new Request(`http://localhost${url}`, request)),
      async [Symbol.asyncDispose]() {},
    }
  },
}

/** Calls the handler of AWS Lambda with an event in payload format 2.0, as an HTTP API makes it. */
async function invoke({ isBase64Encoded }: { isBase64Encoded: boolean }): Promise<Snippet> {
  const { exported } = await run('AWS Lambda')
  const handler = exported['handler'] as (event: object) => Promise<{
    statusCode: number
    headers: Record<string, string>
    body: string
  }>
  return {
    async post({ method, url, headers, body }) {
      const [rawPath, rawQueryString = ''] = url.split('?')
      const { statusCode, ...answer } = await handler({
        version: '2.0',
        routeKey: '$default',
        rawPath,
        rawQueryString,
        headers,
        requestContext: { http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1' } },
        body: isBase64Encoded ? Buffer.from(body).toString('base64') : body,
        isBase64Encoded,
      })
      return new Response(answer.body || null, { status: statusCode, headers: answer.headers })
    },
    async [Symbol.asyncDispose]() {},
  }
}

describe('the receivers of docs/frameworks.md', () => {
  test.each(Object.entries(snippets))('%s', async (_name, start) => {
    await using receiver = await start()
    const { post } = receiver
    // A body that is parsed and made text again is another one.
    const body = '{ "taskId": "07c6ad8c", "eventType": "OrderSigned", "version": 1.0 }'
    const good = signedRequest({ secret, body })
    expect((await post(good)).status).toBe(204)
    expect((await post(signedRequest({ secret, body, key: 'site-1' }))).status).toBe(204)

    const refused = await post({ ...good, body: body.replace('OrderSigned', 'OrderRejected') })
    expect(refused.status).toBe(401)
    expect(refused.headers.get('content-type')).toContain('application/problem+json')
    expect(await refused.json()).toMatchObject({ status: 401, code: 'signature_mismatch' })

    const large = await post(signedRequest({ secret, body: JSON.stringify({ text: 'x'.repeat(70_000) }) }))
    expect(large.status).toBe(413)
    expect(await large.json()).toMatchObject({ code: 'body_too_large' })
  })
})
