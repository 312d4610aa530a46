import { eventTypes } from '@taskhook/core'

export type JsonObject = Record<string, unknown>

const maxIdLength = 255

/**
 * The JSON Schema (draft 2020-12) of the body. JSON Schema cannot say that the two ids are equal; the vectors can. A test holds
 * it to the schema that taskhook's own receivers use.
 */
export function taskEventJsonSchema(): JsonObject {
  const id = {
    type: 'string',
    minLength: 1,
    maxLength: maxIdLength,
    // Unicode's control characters, C0 and C1.
    pattern: String.raw`^[^\u0000-\u001f\u007f-\u009f]*$`,
  }
  return {
    title: 'Task event',
    description: 'One change of one task. Fetch the full task from the automation service by its id.',
    type: 'object',
    properties: {
      taskId: { ...id, description: 'The task that changed. Older senders leave it out.' },
      orderId: {
        ...id,
        deprecated: true,
        description:
          'The old name of taskId; the same value where both are there. Newer senders leave it out.',
      },
      eventType: {
        type: 'string',
        enum: eventTypes,
        description: 'What happened. Acknowledge types that you do not know: newer senders have more.',
      },
    },
    required: ['eventType'],
    anyOf: [{ required: ['taskId'] }, { required: ['orderId'] }],
    additionalProperties: true,
    examples: [
      {
        orderId: '07c6ad8c-1f62-4e5f-9d9c-3a1f0c6f2b11',
        eventType: 'OrderAccepted',
        taskId: '07c6ad8c-1f62-4e5f-9d9c-3a1f0c6f2b11',
      },
    ],
  }
}
