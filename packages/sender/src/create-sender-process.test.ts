import { describe, expect, test } from 'vitest'
import { startScript } from './testing/process.ts'
import { startReceiver } from './testing/receiver.ts'
import { event, openSender, outboxFile, section, startSender } from './testing/sender.ts'

/** The line that makes a sender. */
function makeSender(webHook: object, outbox: string): string {
  return `const sender = await taskhook.createSender(${JSON.stringify({ webHook, outbox })})`
}

const sendOne = "await sender.send({ taskId: 'a', eventType: 'OrderSigned' })"

describe('a process', () => {
  test('that only calls start stays alive, delivers, and ends by itself after stop', async () => {
    const received = Promise.withResolvers<string>()
    const { url } = await startReceiver((_request, response) => {
      response.end()
      received.resolve('received')
    })
    const webHook = section(url, { id: 'one' })
    const outbox = `sqlite:${await outboxFile()}`
    const { child, ended } = startScript(`
      ${makeSender(webHook, outbox)}
      process.once('SIGTERM', () => void sender.stop())
      await sender.start()
      console.log('started')
    `)
    await Promise.race([new Promise((resolve) => child.stdout!.once('data', resolve)), ended])
    // From another process, this one: nothing but start keeps the child alive until it hears of it.
    const other = await openSender(webHook, { outbox })
    await other.send(event)
    expect(await Promise.race([received.promise, ended])).toBe('received')
    child.kill('SIGTERM')
    expect(await ended).toEqual({ exitCode: 0, signal: null, stdout: 'started\n', stderr: '' })
    expect(await other.deliveries.list()).toMatchObject({ deliveries: [{ state: 'delivered' }] })
  })

  test('that only sends ends, and is warned that nothing was started', async () => {
    const outbox = `sqlite:${await outboxFile()}`
    const webHook = section('http://127.0.0.1:1/', { id: 'one' })
    const { ended } = startScript(`${makeSender(webHook, outbox)}\n${sendOne}\n${sendOne}`)
    const { exitCode, stderr } = await ended
    expect(exitCode).toBe(0)
    expect(stderr.match(/TASKHOOK_NOT_STARTED/g)).toHaveLength(1)
    expect(stderr).toContain('2 deliveries wait')
    expect(stderr).toContain('call start()')
  })

  test('that sends, stops and delivers nothing is warned as well', async () => {
    const outbox = `sqlite:${await outboxFile()}`
    const webHook = section('http://127.0.0.1:1/', { id: 'one' })
    const { stderr } = await startScript(`${makeSender(webHook, outbox)}\n${sendOne}\nawait sender.stop()`)
      .ended
    expect(stderr).toContain('TASKHOOK_NOT_STARTED')
    expect(stderr).toContain('1 delivery waits')
  })

  test('that only sends is warned of nothing while another one delivers, whatever waits for a removed endpoint', async () => {
    const { url } = await startReceiver()
    const outbox = `sqlite:${await outboxFile()}`
    const before = await openSender(section('http://127.0.0.1:1/', { id: 'removed' }), { outbox })
    await before.send(event)
    await before.stop()
    const webHook = section(url, { id: 'one' })
    await startSender(webHook, { outbox })
    const { ended } = startScript(`${makeSender(webHook, outbox)}\n${sendOne}\nawait sender.stop()`)
    expect(await ended).toMatchObject({ exitCode: 0, stderr: '' })
  })

  test('that starts, sends and stops is warned of nothing', async () => {
    const { url, requests } = await startReceiver()
    const outbox = `sqlite:${await outboxFile()}`
    const { ended } = startScript(`
      ${makeSender(section(url, { id: 'one' }), outbox)}
      ${sendOne}
      await sender.start()
      await sender.idle()
      await sender.stop()
    `)
    expect(await ended).toMatchObject({ exitCode: 0, stderr: '' })
    expect(requests).toHaveLength(1)
  })

  test('with nothing enabled is warned of that', async () => {
    const outbox = `sqlite:${await outboxFile()}`
    const { ended } = startScript(`${makeSender({ enabled: false }, outbox)}\n${sendOne}`)
    const { exitCode, stderr } = await ended
    expect(exitCode).toBe(0)
    expect(stderr).toContain('TASKHOOK_NOTHING_ENABLED')
    expect(stderr).not.toContain('TASKHOOK_NOT_STARTED')
  })
})
