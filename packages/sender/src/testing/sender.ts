import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { channels } from '@taskhook/outbox'
import { onTestFinished } from 'vitest'
import { createSender, type SenderOptions } from '../create-sender.ts'
import type { DeliveryDetails } from '@taskhook/outbox/tasks'
import type { Sender } from '../sender.ts'
import type { WebHookConfig, WebHookOptions } from '../config/web-hook/config.ts'

/** An event for tests that do not depend on which. */
export const event = { taskId: '07c6ad8c', eventType: 'OrderSigned' } as const

/** The path of a database that does not exist yet, in a folder that is there until the test is over. */
export async function outboxFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'taskhook-sender-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return join(folder, 'outbox.db')
}

/** An enabled section with short waits and a secret. */
export function section(endpoint: string, options: WebHookOptions = {}): WebHookConfig {
  return {
    secret: 'a secret',
    retrySchedule: ['PT0S', 'PT0.01S', 'PT0.01S'],
    ...options,
    enabled: true,
    endpoint,
  }
}

/** A sender that is stopped with the test, on a file of its own unless `options` have one; it is not started. */
export async function openSender(
  webHook: WebHookConfig | readonly WebHookConfig[],
  options: Partial<SenderOptions> = {},
): Promise<Sender> {
  const outbox = options.outbox ?? `sqlite:${await outboxFile()}`
  const sender = await createSender({ ...options, webHook, outbox })
  onTestFinished(() => sender.stop({ timeoutInMs: 0 }))
  return sender
}

/** The same, started. */
export async function startSender(...parameters: Parameters<typeof openSender>): Promise<Sender> {
  const sender = await openSender(...parameters)
  await sender.start()
  return sender
}

/** A delivery once it has had so many attempts, or is done. */
export async function afterAttempts(
  sender: Sender,
  id: string,
  count: number = Number.POSITIVE_INFINITY,
): Promise<DeliveryDetails> {
  for (;;) {
    // Before it is looked up, so that nothing happens unseen in between.
    const change = nextMessage('attempted')
    const found = await sender.deliveries.get(id)
    if (found === undefined) throw new Error(`no delivery ${id}`)
    if (found.attempts.length >= count || found.state !== 'pending') {
      // What tells of it follows before the next turn of the event loop.
      await new Promise<void>((resolve) => void setImmediate(resolve))
      return found
    }
    await change
  }
}

/** The next message of a channel of the outbox. */
export function nextMessage<M>(name: keyof typeof channels): Promise<M> {
  return new Promise((resolve) => {
    const listener = (message: unknown): void => {
      channels[name].unsubscribe(listener)
      resolve(message as M)
    }
    channels[name].subscribe(listener)
  })
}
