import { orderingVectors } from '../ordering/ordering-vectors.ts'
import { receiverVectors } from '../vectors/receiver-vectors.ts'
import { asyncApi } from './async-api.ts'
import { configFileJsonSchema } from './config-schema.ts'
import { openApi } from './open-api.ts'
import { taskEventJsonSchema, type JsonObject } from './task-event-schema.ts'

/** The clock of the published vectors: the first second of 2026. */
const vectorsTime = new Date('2026-01-01T00:00:00Z')
const secret = 'correct horse battery staple'

/** Every file of the contract by name. They are written by `pnpm generate`, and a test holds them to this. */
export function generatedFiles(webHookSchema: JsonObject): Record<string, JsonObject> {
  return {
    'openapi.json': openApi(),
    'asyncapi.json': asyncApi(),
    'task-event.schema.json': {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      ...taskEventJsonSchema(),
    },
    'config.schema.json': configFileJsonSchema(webHookSchema),
    'receiver-vectors.json': {
      description:
        'One request each, byte for byte, and what a receiver makes of it. See the README of @taskhook/contract.',
      now: vectorsTime.toISOString(),
      toleranceInSeconds: 300,
      bodyLimitInBytes: 65_536,
      vectors: receiverVectors({ now: vectorsTime, secret, key: 'site-1', path: '/automation' }),
    },
    'ordering-vectors.json': {
      description:
        'What was sent, what a receiver saw, and what is wrong with it. See the README of @taskhook/contract.',
      vectors: orderingVectors,
    },
  }
}
