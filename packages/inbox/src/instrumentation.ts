import type { Instrumentation } from '@taskhook/outbox/tasks'
import packageJson from '../package.json' with { type: 'json' }

/** What the inbox's spans and metrics say of themselves. */
export const instrumentation: Instrumentation = {
  name: packageJson.name,
  version: packageJson.version,
  spanName: 'webhook handler',
  kind: 'consumer',
  attributes: {},
}
