import { onTestFinished } from 'vitest'
import { channels, type OutboxMessages } from '../channels.ts'

/** What is published on a channel while the test runs. */
export function collectMessages<Name extends keyof OutboxMessages>(name: Name): OutboxMessages[Name][] {
  const messages: OutboxMessages[Name][] = []
  const listener = (message: unknown): void => void messages.push(message as OutboxMessages[Name])
  channels[name].subscribe(listener)
  onTestFinished(() => {
    channels[name].unsubscribe(listener)
  })
  return messages
}
