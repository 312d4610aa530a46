import * as z from 'zod'
import { webHookSchema } from './schema.ts'

/**
 * The JSON Schema (draft 2020-12) of the value of the `webHook` key as it is written in a file: a key with a default is
 * optional, and a string may be a `${NAME}`.
 */
export function webHookJsonSchema(): Record<string, unknown> {
  const { $schema, ...endpoint } = z.toJSONSchema(webHookSchema, {
    io: 'input',
    target: 'draft-2020-12',
    override: ({ jsonSchema }) => allowReference(jsonSchema),
  })
  const one = { $ref: '#/$defs/endpoint' }
  return {
    $schema,
    title: 'The webHook section',
    description: 'One endpoint, or several: each event goes to all that subscribe to it.',
    anyOf: [one, { type: 'array', items: one }],
    $defs: { endpoint },
  }
}

// zod's rules are for the text after the variables are replaced, the JSON Schema is for the text before.
const reference = String.raw`\$\{[A-Za-z_]`

function allowReference(schema: z.core.JSONSchema.JSONSchema): void {
  if (schema.pattern !== undefined && !schema.pattern.endsWith(reference)) schema.pattern += `|${reference}`
  if (schema.enum !== undefined) {
    schema.anyOf = [{ enum: schema.enum }, { pattern: reference }]
    delete schema.enum
  }
}
