import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { startReceiver } from './testing/receiver.ts'
import { outboxFile } from './testing/sender.ts'

// As Node.js resolves a package that is not installed.
const withoutApi = `
  import { registerHooks } from 'node:module'
  registerHooks({
    resolve(name, context, next) {
      if (name !== '@opentelemetry/api') return next(name, context)
      throw Object.assign(new Error('not installed'), { code: 'ERR_MODULE_NOT_FOUND' })
    },
  })
`

test('a process without @opentelemetry/api delivers as any other', async () => {
  const { requests, url } = await startReceiver()
  const script = `
    const { createSender } = await import(${JSON.stringify(new URL('./index.ts', import.meta.url).href)})
    const sender = await createSender({
      webHook: { enabled: true, endpoint: ${JSON.stringify(url)} },
      outbox: ${JSON.stringify(`sqlite:${await outboxFile()}`)},
    })
    await sender.start()
    const { deliveries: [{ id }] } = await sender.send({ taskId: 'one', eventType: 'OrderSigned' })
    const isDelivered = async () => (await sender.deliveries.get(id)).state === 'delivered'
    while (!(await isDelivered())) await new Promise((resolve) => setImmediate(resolve))
    await sender.stop()
    console.log(await import('@opentelemetry/api').catch(({ code }) => code))
  `
  const parameters = [
    '--conditions=taskhook-source',
    `--import=data:text/javascript,${encodeURIComponent(withoutApi)}`,
    '--input-type=module',
    '--eval',
    script,
  ]
  const { stdout } = await promisify(execFile)(process.execPath, parameters)
  expect(stdout.trim()).toBe('ERR_MODULE_NOT_FOUND')
  expect(requests[0]?.request.headers).not.toHaveProperty('traceparent')
  expect(requests).toHaveLength(1)
})
