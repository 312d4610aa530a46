import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { describePlace, isSurelyDead } from './place.ts'

interface Place {
  boot: string
  namespace: string
  pid: number
  startedAt: string
}

const module = fileURLToPath(new URL('place.ts', import.meta.url))
const printPlace = `import(${JSON.stringify(module)}).then(({ describePlace }) => console.log(describePlace()))`
const namespace = ['--pid', '--fork', '--mount-proc']
const canUnshare = spawnSync('unshare', [...namespace, 'true']).status === 0

describe.runIf(existsSync('/proc/self/stat'))('a place', () => {
  const own = () => JSON.parse(describePlace()) as Place
  const isDead = (given: Partial<Place>) => isSurelyDead(JSON.stringify({ ...own(), ...given }))

  test('is alive while its process is', () => {
    expect(own().pid).toBe(process.pid)
    expect(isSurelyDead(describePlace())).toBe(false)
  })

  test('is alive while another process is, and dead when that has ended', async () => {
    const child = spawn(process.execPath, ['-e', `${printPlace}; process.stdin.resume()`])
    const place = String((await once(child.stdout, 'data'))[0])
    expect(isSurelyDead(place)).toBe(false)
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(isSurelyDead(place)).toBe(true)
  })

  test('is dead when its number is of a process that started later', () => {
    expect(own().startedAt).toMatch(/^\d+$/)
    expect(isDead({ startedAt: `${Number(own().startedAt) - 1}` })).toBe(true)
    expect(isDead({ pid: 1, startedAt: '1' })).toBe(true)
  })

  test.each<[what: string, place: Partial<Place>]>([
    ['on another machine', { boot: 'b00t', pid: 2 ** 22 }],
    [
      'in another namespace of process ids, with a number that no process has here',
      { namespace: 'pid:[1]', pid: 2 ** 22 },
    ],
    [
      'in another namespace of process ids, with the number of this one',
      { namespace: 'pid:[1]', startedAt: '1' },
    ],
    ['without a machine', { boot: '' }],
    ['without a namespace', { namespace: '' }],
    ['without a start', { startedAt: '' }],
    ['without a number', { pid: Number.NaN }],
  ])('is not known to be dead %s', (_what, place) => {
    expect(isDead(place)).toBe(false)
  })

  test.each(['', 'null', '{', '[]', '{}', '7', 'host/1/2/x'])(
    'is not known to be dead when it says %j',
    (place) => {
      expect(isSurelyDead(place)).toBe(false)
    },
  )

  // Containers with the same host name, each with process ids of its own: each start once released the leases of the others.
  test.runIf(canUnshare)('is not known to be dead in another container with the same host name', () => {
    const script = `import(${JSON.stringify(module)}).then(({ describePlace, isSurelyDead }) =>
      console.log(JSON.stringify([describePlace(), isSurelyDead(process.env.OTHER)])))`
    const { stdout } = spawnSync('unshare', [...namespace, process.execPath, '-e', script], {
      encoding: 'utf8',
      env: { ...process.env, OTHER: describePlace() },
    })
    const [inside, isOtherDead] = JSON.parse(stdout) as [string, boolean]
    expect(JSON.parse(inside)).toMatchObject({ boot: own().boot })
    expect(inside).not.toContain(own().namespace)
    expect(isOtherDead).toBe(false)
    expect(isSurelyDead(inside)).toBe(false)
  })

  test.runIf(canUnshare)('is empty where /proc shows the processes of another namespace', () => {
    const { stdout } = spawnSync('unshare', ['--pid', '--fork', process.execPath, '-e', printPlace], {
      encoding: 'utf8',
    })
    expect(stdout).toBe('\n')
  })
})
