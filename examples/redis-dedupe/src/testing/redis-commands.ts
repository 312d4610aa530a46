import { LuaFactory } from 'wasmoon'
import { RedisFault, type Reply } from './redis-protocol.ts'

type Run = (command: readonly string[]) => Reply

/** The few commands that the store and its clients send. Scripts run in real Lua; Redis has 5.1, and this is 5.4. */
export async function createCommands(now: () => number): Promise<Run> {
  const lua = await new LuaFactory().createEngine()
  const values = new Map<string, { value: string; endsAt: number }>()
  // Redis makes `false` of what is not there.
  lua.global.set('redis', { call: (...command: string[]) => run(command) ?? false })

  function find(key: string): string | null {
    const found = values.get(key)
    return found === undefined || found.endsAt <= now() ? null : found.value
  }

  const commands: Readonly<Record<string, (...parameters: string[]) => Reply>> = {
    HELLO: (version = '2') => {
      if (version !== '3') throw new RedisFault('only version 3 of the protocol has maps')
      return { server: 'redis', version: '7.0.15', proto: 3, id: 1, mode: 'standalone', role: 'master' }
    },
    CLIENT: () => 'OK',
    INFO: () => 'redis_version:7.0.15\r\nloading:0\r\n',
    SELECT: () => 'OK',
    PING: () => 'PONG',
    QUIT: () => 'OK',
    GET: (key = '') => find(key),
    SET(key = '', value = '', unit = '', duration = '') {
      if (unit !== 'PX' || !/^[1-9]\d*$/.test(duration)) throw new RedisFault('syntax error')
      values.set(key, { value, endsAt: now() + Number(duration) })
      return 'OK'
    },
    DEL: (key = '') => (values.delete(key) ? 1 : 0),
    EVAL(script = '', keyCount = '', ...parameters) {
      lua.global.set('KEYS', parameters.slice(0, Number(keyCount)))
      lua.global.set('ARGV', parameters.slice(Number(keyCount)))
      return lua.doStringSync(script) as Reply
    },
  }

  function run([name = '', ...parameters]: readonly string[]): Reply {
    const command = commands[name.toUpperCase()]
    if (command === undefined) throw new RedisFault(`unknown command '${name}'`)
    return command(...parameters)
  }

  return run
}
