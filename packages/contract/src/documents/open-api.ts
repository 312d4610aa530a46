import { STATUS_CODES } from 'node:http'
import { WebhookError, type WebhookErrorCode } from '@taskhook/core'
import { taskEventJsonSchema, type JsonObject } from './task-event-schema.ts'
import { codesByStatus, info, keyParameter, requestHeaders } from './wire.ts'

/** The contract as OpenAPI 3.1, in its `webhooks` section: what the receiver has to serve. */
export function openApi(): JsonObject {
  return {
    openapi: '3.1.1',
    info,
    // What OpenAPI takes for granted when there are none; linters want it said.
    servers: [{ url: '/', description: 'The receiver, wherever it is.' }],
    security: [{ xSignature: [] }, { standardWebhooks: [] }, {}],
    webhooks: {
      taskEvent: {
        post: {
          operationId: 'receiveTaskEvent',
          summary: 'A task changed',
          description:
            'At least one of the two signatures is there when a secret is configured, and every one that is there must verify. Of one ' +
            'task, an event is sent once each earlier one was taken or given up; it may come more than once, with the same webhook-id.',
          parameters: [
            keyParameter,
            ...requestHeaders.map(({ name, schema, description }) => ({
              name,
              in: 'header',
              required: false,
              schema,
              description,
            })),
          ],
          requestBody: {
            required: true,
            content: { 'application/json': { schema: { $ref: '#/components/schemas/TaskEvent' } } },
          },
          responses: responses(),
        },
      },
    },
    components: {
      securitySchemes: {
        xSignature: signedIn('x-signature'),
        standardWebhooks: signedIn('webhook-signature'),
      },
      schemas: { TaskEvent: taskEventJsonSchema(), Problem: problem() },
    },
  }
}

// OpenAPI has no kind of its own for signatures.
function signedIn(header: string): JsonObject {
  return {
    type: 'apiKey',
    in: 'header',
    name: header,
    description: 'A signature, and no key: see the parameter. It is there when the sender has a secret.',
  }
}

function responses(): JsonObject {
  const refusals = [...codesByStatus()].map(([status, codes]) => [
    String(status),
    {
      description: `${STATUS_CODES[status]}: ${codes.join(', ')}`,
      ...(codes.every(saysWhen) && { headers: retryAfter }),
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    },
  ])
  return {
    '2XX': { description: 'Taken. The event is not sent again.' },
    '410': { description: 'Gone. The sender stops sending to this endpoint.' },
    '429': {
      description: 'Too many. The sender tries again, after Retry-After if it is there.',
      headers: retryAfter,
    },
    ...Object.fromEntries(refusals),
    default: { description: 'Not taken. The sender tries again by its schedule.' },
  }
}

const retryAfter = { 'retry-after': { schema: { type: 'string' } } }

function saysWhen(code: WebhookErrorCode): boolean {
  return new WebhookError(code, '').headers['retry-after'] !== undefined
}

function problem(): JsonObject {
  return {
    title: 'Problem',
    description: 'Problem details (RFC 9457), as taskhook answers them. A sender looks at the status alone.',
    type: 'object',
    properties: {
      type: { type: 'string', format: 'uri-reference' },
      title: { type: 'string' },
      status: { type: 'integer' },
      detail: { type: 'string' },
      code: { type: 'string', enum: [...codesByStatus().values()].flat() },
      issues: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            message: { type: 'string' },
            path: { type: 'array', items: { type: ['string', 'integer'] } },
          },
        },
      },
    },
    required: ['status'],
  }
}
