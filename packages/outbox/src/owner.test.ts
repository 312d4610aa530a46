import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { hostname } from 'node:os'
import { describe, expect, test } from 'vitest'
import { createOwner, isOwnerAlive } from './owner.ts'

describe('an owner', () => {
  const [host, pid, start, ...rest] = createOwner().split('/')
  const ownerOf = (given: { host?: string; pid?: number; start?: string }): string =>
    [given.host ?? host, given.pid ?? pid, given.start ?? start, ...rest].join('/')

  test('is alive while its process is, and another one each time', () => {
    const owner = createOwner()
    expect(isOwnerAlive(owner)).toBe(true)
    expect(createOwner()).not.toBe(owner)
    expect(owner.startsWith(`${hostname()}/${process.pid}/`)).toBe(true)
  })

  test('is alive while another process is, and dead when that has ended', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'])
    await once(child, 'spawn')
    const owner = ownerOf({ pid: child.pid!, start: '' })
    expect(isOwnerAlive(owner)).toBe(true)
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(isOwnerAlive(owner)).toBe(false)
  })

  test.runIf(existsSync('/proc/self/stat'))(
    'is dead when its number is of a process that started later',
    () => {
      expect(start).toMatch(/^\d+$/)
      expect(isOwnerAlive(ownerOf({ start: `${Number(start) - 1}` }))).toBe(false)
    },
  )

  test("is alive when it is somebody else's process", () => {
    expect(isOwnerAlive(ownerOf({ pid: 1, start: '' }))).toBe(true)
  })

  test('is alive, for all that is known here, when it is of another machine', () => {
    expect(isOwnerAlive(ownerOf({ host: 'elsewhere.example', start: '1' }))).toBe(true)
  })
})
