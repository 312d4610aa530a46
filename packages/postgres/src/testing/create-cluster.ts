import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, cpSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { makeProcessDirectory } from './process-directory.ts'
import type { ServerUser } from './server-user.ts'

/** Where a cluster is made, and with what. */
export interface ClusterOptions {
  /** The directory that its directory is made in. */
  parent: string
  /** Where PostgreSQL's programs are. */
  programs: string
  user: ServerUser
  /** Ends the making. */
  signal?: AbortSignal | undefined
}

let template: Promise<string> | undefined

/** Makes the files of a new server. They are copies of those that this process made first: `initdb` takes a second of a processor. */
export async function createCluster(data: string, options: ClusterOptions): Promise<void> {
  template ??= initialize(options)
  copyCluster(await template, data, options.user)
}

/** Copies the files of a server that does not run. */
export function copyCluster(from: string, to: string, user: ServerUser): void {
  cpSync(from, to, { recursive: true })
  chmodSync(to, 0o700)
  if (user !== undefined) spawnSync('chown', ['-R', `${user.uid}:${user.gid}`, to])
}

async function initialize({ parent, programs, user, signal }: ClusterOptions): Promise<string> {
  const directory = makeProcessDirectory(parent)
  if (user !== undefined) chownSync(directory, user.uid, user.gid)
  const data = join(directory, 'data')
  const options = ['-D', data, '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync']
  const child = spawn(join(programs, 'initdb'), options, {
    ...user,
    stdio: ['ignore', 'ignore', 'pipe'],
    ...(signal && { signal }),
  })
  const [errors, [status]] = await Promise.all([text(child.stderr), once(child, 'close')])
  if (status !== 0) throw new Error(`initdb ended with ${status}\n${errors}`)
  return data
}
