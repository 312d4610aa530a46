import { spawnSync } from 'node:child_process'
import { userInfo } from 'node:os'

/** Whom the server of the tests runs as; undefined: as this process. */
export type ServerUser = { uid: number; gid: number } | undefined

/** Finds whom the server runs as: PostgreSQL refuses to be root. */
export function findServerUser(): ServerUser {
  if (userInfo().uid !== 0) return undefined
  return { uid: idOfNobody('-u'), gid: idOfNobody('-g') }
}

function idOfNobody(flag: '-u' | '-g'): number {
  return Number(String(spawnSync('id', [flag, 'nobody']).stdout))
}
