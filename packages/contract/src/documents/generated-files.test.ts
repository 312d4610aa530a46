import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { taskEventSchema, webhookErrorStatuses } from '@taskhook/core'
import { Validator } from '@seriousme/openapi-schema-validator'
import Ajv2020 from 'ajv/dist/2020.js'
import Ajv from 'ajv'
import addFormats from 'ajv-formats'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { generatedFiles } from './generated-files.ts'
import type { JsonObject } from './task-event-schema.ts'

const section = fileURLToPath(import.meta.resolve('@taskhook/sender/webhook.schema.json'))
const expected = generatedFiles(JSON.parse(await readFile(section, 'utf8')) as JsonObject)
const names = Object.keys(expected)

function read(name: string): Promise<string> {
  return readFile(new URL(`../../generated/${name}`, import.meta.url), 'utf8')
}

function compile(schema: unknown): (value: unknown) => boolean {
  const ajv = new Ajv2020.Ajv2020({ strict: false })
  addFormats.default(ajv)
  return ajv.compile(schema as object)
}

test.each(names)('%s is what `pnpm generate` writes', async (name) => {
  expect(JSON.parse(await read(name))).toEqual(JSON.parse(JSON.stringify(expected[name])))
})

test('openapi.json is OpenAPI 3.1', async () => {
  const validator = new Validator()
  expect(
    await validator.validate(JSON.parse(await read('openapi.json')) as Record<string, unknown>),
  ).toMatchObject({
    valid: true,
  })
  expect(validator.version).toBe('3.1')
})

test('openapi.json has each code with its status', async () => {
  const text = await read('openapi.json')
  for (const [code, status] of Object.entries(webhookErrorStatuses)) {
    expect(text).toMatch(new RegExp(`"${status}": \\{\\s+"description": "[^"]*\\b${code}\\b`))
  }
})

test('asyncapi.json is AsyncAPI 3', async () => {
  const { default: specs } = await import('@asyncapi/specs')
  const ajv = new Ajv.Ajv({ strict: false, allErrors: true })
  addFormats.default(ajv)
  const validate = ajv.compile(specs.schemasWithoutId['3.0.0'] as object)
  validate(JSON.parse(await read('asyncapi.json')))
  expect(validate.errors ?? []).toEqual([])
})

describe('task-event.schema.json', async () => {
  const isValid = compile(JSON.parse(await read('task-event.schema.json')))
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ minLength: 250, maxLength: 260 }))
  const payload = fc.record(
    {
      taskId: fc.oneof(text, fc.anything()),
      orderId: fc.oneof(text, fc.anything()),
      eventType: fc.oneof(
        fc.constantFrom('OrderSigned', 'OrderCreated', 'orderSigned', 'OrderArchived'),
        fc.anything(),
      ),
    },
    { requiredKeys: [] },
  )

  test('takes what the receivers take, but for ids that differ', () => {
    fc.assert(
      fc.property(fc.oneof(payload, fc.anything()), (given) => {
        // As it comes over the wire.
        const value = JSON.parse(JSON.stringify(given) ?? 'null') as {
          taskId?: unknown
          orderId?: unknown
        } | null
        const differ =
          value?.taskId !== undefined && value.orderId !== undefined && value.taskId !== value.orderId
        fc.pre(!differ)
        expect(isValid(value)).toBe(taskEventSchema.safeParse(value).success)
      }),
      { numRuns: 500 },
    )
  })
})

describe('config.schema.json', async () => {
  const isValid = compile(JSON.parse(await read('config.schema.json')))

  test.each<[unknown, boolean]>([
    [{ webHook: { enabled: false } }, true],
    [
      {
        $schema: './config.schema.json',
        webHook: { enabled: true, endpoint: 'https://www.example.org/' },
        port: 1,
      },
      true,
    ],
    [{ webHook: [{ endpoint: '${ENDPOINT}' }, { endpoint: 'http://www.example.org/' }] }, true],
    [{ webhook: {} }, false],
    [{ webHook: { endpoint: 42 } }, false],
    [{ webHook: { endpont: 'https://www.example.org/' } }, false],
  ])('of %j says %j', (file, valid) => {
    expect(isValid(file)).toBe(valid)
  })
})
