import type { JsonObject } from './task-event-schema.ts'

/**
 * The JSON Schema of a whole configuration file: an object with a `webHook` section and any other sections of the
 * service. An editor finds it through the file's `$schema`.
 *
 * @param section The schema of the section, as the sender publishes it.
 */
export function configFileJsonSchema({ $schema, $defs, ...webHook }: JsonObject): JsonObject {
  return {
    $schema,
    title: 'Configuration of an automation service',
    description: 'The webHook section is checked; the rest of the file is not looked at.',
    type: 'object',
    properties: { $schema: { type: 'string' }, webHook },
    required: ['webHook'],
    additionalProperties: true,
    $defs,
  }
}
