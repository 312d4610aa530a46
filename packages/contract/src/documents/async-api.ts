import { taskEventJsonSchema, type JsonObject } from './task-event-schema.ts'
import { info, keyParameter, requestHeaders } from './wire.ts'

/** The contract as AsyncAPI 3: what the automation service sends. */
export function asyncApi(): JsonObject {
  const { description: keyDescription, schema: keySchema } = keyParameter
  return {
    asyncapi: '3.0.0',
    info: { ...info, license: { name: info.license.name } },
    defaultContentType: 'application/json',
    servers: {
      receiver: {
        host: 'www.example.org',
        pathname: '/automation',
        protocol: 'https',
        description: 'The endpoint of the webHook section.',
      },
    },
    channels: {
      taskEvents: {
        address: '/',
        messages: { taskEvent: { $ref: '#/components/messages/TaskEvent' } },
        bindings: {
          http: {},
        },
      },
    },
    operations: {
      sendTaskEvent: {
        action: 'send',
        channel: { $ref: '#/channels/taskEvents' },
        messages: [{ $ref: '#/channels/taskEvents/messages/taskEvent' }],
        bindings: {
          http: {
            method: 'POST',
            query: {
              type: 'object',
              properties: { key: { ...keySchema, description: keyDescription } },
            },
            bindingVersion: '0.3.0',
          },
        },
      },
    },
    components: {
      messages: {
        TaskEvent: {
          name: 'TaskEvent',
          title: 'A task changed',
          contentType: 'application/json',
          headers: {
            type: 'object',
            properties: Object.fromEntries(
              requestHeaders.map(({ name, schema, description }) => [name, { ...schema, description }]),
            ),
          },
          payload: { $ref: '#/components/schemas/TaskEvent' },
        },
      },
      schemas: { TaskEvent: taskEventJsonSchema() },
    },
  }
}
