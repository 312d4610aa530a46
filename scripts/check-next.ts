/**
 * Builds and serves the Next.js receiver of docs/frameworks.md with the packed packages, and posts webhooks to it. `pnpm test:next` is run
 * by hand: it installs 340 MB from the registry, which takes longer than all else that it does.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { findFreePort } from './find-free-port.ts'
import { findSnippets } from './find-snippets.ts'
import { packPackages } from './pack-packages.ts'
import { runCommand } from './run-command.ts'

const root = path.resolve(import.meta.dirname, '..')
const next = 'node_modules/next/dist/bin/next'
const versions = {
  next: '^16.4.6',
  react: '^19.0.0',
  'react-dom': '^19.0.0',
  // Without these Next.js installs them itself.
  typescript: '~6.0.3',
  '@types/node': '^24.13.6',
  '@types/react': '^19.0.0',
}
process.env['NEXT_TELEMETRY_DISABLED'] = '1'

const work = await mkdtemp(path.join(tmpdir(), 'taskhook-next-'))
// Apart from the unpacked packages: Next.js checks the types of all that it finds beside its route.
const cwd = path.join(work, 'application')
try {
  await timed('packed', writeProject)
  await timed('installed', () => runCommand('npm', ['install', '--no-audit', '--no-fund'], { cwd }))
  await timed('built', () => runCommand(process.execPath, [next, 'build'], { cwd }))
  await timed('served', serveAndPost)
} finally {
  await rm(work, { recursive: true, force: true })
}

async function timed(what: string, run: () => Promise<unknown>): Promise<void> {
  const startedAt = performance.now()
  await run()
  console.log(`${what} in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`)
}

/** An application of the one route, as the document says. */
async function writeProject(): Promise<void> {
  const packed = await packPackages(path.join(work, 'tarballs'), work, ['core', 'web'])
  const local = Object.fromEntries(packed.map(({ name, tarball }) => [name, `file:${tarball}`]))
  await mkdir(path.join(cwd, 'app/automation'), { recursive: true })
  const manifest = { private: true, dependencies: { ...versions, ...local } }
  await writeFile(path.join(cwd, 'package.json'), JSON.stringify(manifest))
  await writeFile(path.join(cwd, 'next.config.ts'), 'export default { skipTrailingSlashRedirect: true }\n')
  await writeFile(path.join(cwd, 'app/automation/route.ts'), await readRoute())
}

async function readRoute(): Promise<string> {
  const document = await readFile(path.join(root, 'docs/frameworks.md'), 'utf8')
  const [, section = ''] = document.split('\n## Next.js\n')
  const [code] = findSnippets(section, 'ts')
  if (code === undefined) throw new Error('docs/frameworks.md has no route for Next.js')
  return code
}

async function serveAndPost(): Promise<void> {
  const port = await findFreePort()
  const server = spawn(process.execPath, [next, 'start', '--port', String(port), '--hostname', '127.0.0.1'], {
    cwd,
  })
  try {
    await untilReady(server)
    const posted = await runCommand(process.execPath, ['--input-type=module', '--eval', post(port)], { cwd })
    const expected = '[204,204,401,405]'
    if (posted.trim() !== expected) throw new Error(`answered ${posted.trim()}, and not ${expected}`)
  } finally {
    server.kill()
    if (server.exitCode === null) await once(server, 'close')
  }
}

/** A webhook; one with a key, which Next.js would redirect; one with another secret; and a request that is no webhook. */
function post(port: number): string {
  return `
    import { signedRequest } from '@taskhook/core/testing'
    const secret = 'the shared secret'
    const requests = [{ secret }, { secret, key: 'north' }, { secret: 'another secret' }].map(signedRequest)
    const statuses = []
    for (const { url, ...request } of [...requests, { url: '/automation', method: 'GET' }]) {
      const target = new URL(url, 'http://127.0.0.1:${port}')
      statuses.push((await fetch(target, { ...request, redirect: 'manual' })).status)
    }
    console.log(JSON.stringify(statuses))
  `
}

async function untilReady(server: ChildProcess): Promise<void> {
  let output = ''
  for (const stream of [server.stdout, server.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      server.emit('output')
    })
  }
  server.once('close', () => server.emit('output'))
  while (!output.includes('Ready')) {
    if (server.exitCode !== null) throw new Error(`next start ended with ${server.exitCode}\n${output}`)
    await once(server, 'output')
  }
}
