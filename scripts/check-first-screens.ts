/** Runs the first screen of each README as one pastes it, in a directory where the packed packages are installed. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { findFreePort } from './find-free-port.ts'
import { findSnippets } from './find-snippets.ts'

const root = path.resolve(import.meta.dirname, '..')
const secret = 'the shared secret'

/**
 * Runs them all, one after the other. All that is changed of a README is its port, to one that is free.
 *
 * @param consumer A project that has the packed packages.
 */
export async function checkFirstScreens(consumer: string): Promise<void> {
  const work = path.join(consumer, 'first-screens')
  await mkdir(work)
  await checkRoot(work)
  for (const name of ['express', 'fastify', 'inbox']) await checkReceiver(name, work)
  await checkWeb(work)
  await checkSender(work)
  await checkCommand(work)
  await checkDashboard(work)
}

/** The receiver and what sends to it, by the shell lines below them. */
async function checkRoot(work: string): Promise<void> {
  const port = await findFreePort()
  const readme = (await readFile(path.join(root, 'README.md'), 'utf8')).replaceAll('3000', String(port))
  for (const code of findSnippets(readme, 'js').slice(0, 2)) {
    const [, file = ''] = /^\/\/ (\w+\.mjs)/.exec(code) ?? []
    await writeFile(path.join(work, file), code)
  }
  const [, shell = ''] = findSnippets(readme, 'sh')
  // Job control gives the receiver a process group, which goes with the shell here.
  const output = await collect(start('bash', ['-c', `${shell}\nkill %1`], work))
  expectText(output, /^204$/m, 'README.md')
  expectText(output, /^OrderSigned [0-9a-f-]{36}$/m, 'README.md')
}

async function checkReceiver(name: string, work: string): Promise<void> {
  const { file, port } = await writeFirst(name, work)
  const receiver = start('node', [file], work)
  const taskId = `first-screen-of-${name}`
  try {
    await send(`http://127.0.0.1:${port}/automation`, taskId, receiver, work)
    await waitFor(receiver, new RegExp(taskId), name)
  } finally {
    receiver.kill()
    await once(receiver, 'close')
  }
}

/** What is exported there is what a framework calls. */
async function checkWeb(work: string): Promise<void> {
  const { file } = await writeFirst('web', work)
  const check = `
    import { signedRequest } from '@taskhook/core/testing'
    import { POST } from ${JSON.stringify(`./${file}`)}
    const { url, ...request } = signedRequest({ secret: ${JSON.stringify(secret)} })
    console.log((await POST(new Request(new URL(url, 'http://127.0.0.1'), request))).status)
  `
  expectText(await collect(start('node', ['--input-type=module', '-e', check], work)), /^204$/m, 'web')
}

async function checkSender(work: string): Promise<void> {
  const { file } = await writeFirst('sender', work)
  expectText(await collect(start('node', [file], work)), /state: 'delivered'/, 'sender')
}

/** The command, on the outbox that the sender's first screen has left. */
async function checkCommand(work: string): Promise<void> {
  const readme = await readFile(path.join(root, 'packages/cli/README.md'), 'utf8')
  const [shell = ''] = findSnippets(readme, 'sh')
  const lines = shell.split('\n').filter((line) => !line.startsWith('npm install'))
  const found = `PATH="$PWD/../node_modules/.bin:$PATH"\n${lines.join('\n')}`
  expectText(await collect(start('bash', ['-c', found], work)), /OrderSigned\n\s+crm\s+delivered/, 'cli')
}

async function checkDashboard(work: string): Promise<void> {
  const { file, port } = await writeFirst('dashboard', work)
  const dashboard = start('node', [file], work)
  try {
    await waitFor(dashboard, /http:/, 'dashboard')
    const response = await fetch(`http://127.0.0.1:${port}/`)
    expectText(await response.text(), /crm/, 'dashboard')
  } finally {
    dashboard.kill()
    await once(dashboard, 'close')
  }
}

async function writeFirst(name: string, work: string): Promise<{ file: string; port: number }> {
  const readme = await readFile(path.join(root, 'packages', name, 'README.md'), 'utf8')
  const [code = ''] = findSnippets(readme, 'ts')
  const port = await findFreePort()
  // What runs on every Node.js that is promised: 22.13 takes no types away.
  const file = `${name}.mjs`
  await writeFile(path.join(work, file), code.replaceAll('3000', String(port)))
  return { file, port }
}

/** Sends an event with the command, as soon as the receiver listens: 4 says that it does not yet. */
async function send(url: string, taskId: string, receiver: ChildProcess, work: string): Promise<void> {
  const args = ['send', url, '--secret', secret, '--task-id', taskId, '--event-type', 'OrderSigned']
  for (;;) {
    const sent = start(path.join(work, '../node_modules/.bin/taskhook'), args, work)
    const [code] = (await once(sent, 'close')) as [number | null]
    if (code === 0) return
    if (code !== 4 || receiver.exitCode !== null) {
      throw new Error(`taskhook send ended with ${code}:\n${outputs.get(sent)}${outputs.get(receiver)}`)
    }
  }
}

const outputs = new WeakMap<ChildProcess, string>()

function start(command: string, args: readonly string[], cwd: string): ChildProcess {
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  outputs.set(child, '')
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      outputs.set(child, `${outputs.get(child)}${chunk.toString()}`)
      child.emit('output')
    })
  }
  return child
}

async function collect(child: ChildProcess): Promise<string> {
  const [code] = (await once(child, 'close')) as [number | null]
  const output = outputs.get(child) ?? ''
  if (code !== 0) throw new Error(`${child.spawnargs.join(' ')} ended with ${code}\n${output}`)
  return output
}

async function waitFor(child: ChildProcess, expected: RegExp, name: string): Promise<void> {
  child.once('close', () => child.emit('output'))
  while (!expected.test(outputs.get(child) ?? '')) {
    if (child.exitCode !== null) expectText(outputs.get(child) ?? '', expected, name)
    await once(child, 'output')
  }
}

function expectText(text: string, expected: RegExp, name: string): void {
  if (!expected.test(text))
    throw new Error(`the first screen of ${name} has no ${expected} in its output:\n${text}`)
}
