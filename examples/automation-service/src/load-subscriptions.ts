import { createEndpoint, loadConfig } from '@taskhook/sender'
import type { Subscription } from './publisher.ts'

/** The endpoints that the `webHook` section of the configuration file enables. */
export async function loadSubscriptions(configFile: string): Promise<Subscription[]> {
  const enabled = (await loadConfig(configFile)).filter((config) => config.enabled)
  return Promise.all(
    enabled.map(async (config) => ({ endpoint: await createEndpoint(config), events: config.events })),
  )
}
