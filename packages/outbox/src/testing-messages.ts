import { onTestFinished } from 'vitest'
import { channels } from './channels.ts'

/** What is published on a channel while the test runs. */
export function collectMessages<T>(name: keyof typeof channels): T[] {
  const messages: T[] = []
  const listener = (message: unknown): void => void messages.push(message as T)
  channels[name].subscribe(listener)
  onTestFinished(() => {
    channels[name].unsubscribe(listener)
  })
  return messages
}
