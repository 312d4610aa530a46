import { eventTypes } from '@taskhook/core'
import * as z from 'zod'
import { durationPattern } from '../duration.ts'
import type { ResolvedWebHookConfig } from './config.ts'
import {
  checkEndpoint,
  checkEvents,
  checkHeaders,
  checkId,
  checkIds,
  checkKey,
  checkSecret,
  checkTimeout,
  checkTogether,
  checkWait,
  defaultId,
  endpointPattern,
  maxIdLength,
} from './rules.ts'

// zod skips a rule once something before it is wrong; a person wants to hear of all problems at once.
const evenSo = (isOfType: (value: unknown) => boolean): z.core.$ZodSuperRefineParams => ({
  when: ({ value }) => isOfType(value),
})
const evenSoObject = evenSo(z.core.util.isObject)
const evenSoArray = evenSo(Array.isArray)

const isBoolean = 'must be true or false, without quotes'
const isText = 'must be a non-empty string'
const isDuration = 'must be an ISO-8601 duration in quotes, such as "PT30S"'
const isSecret = 'must be a non-empty string, or a non-empty array of them'
const isConcurrency = 'must be a whole number from 1 to 1000'
const isId = `must be a string of 1 to ${maxIdLength} characters`
const isEvents = 'must be a non-empty array of event names'
const isHeaders = 'must be an object of header names and string values'
const isSchedule = 'must be a non-empty array of ISO-8601 durations such as "PT30S"'
const isSection = 'must be an object, or an array of objects, one for each endpoint'

const boolean = z.boolean(isBoolean)
const text = z.string(isText).min(1, isText)
// checkSecret() says more exactly what is wrong with an empty one.
const anyText = z.string(isText).meta({ minLength: 1 })
const duration = z.string(isDuration).meta({ pattern: durationPattern.source })
const timeout = duration.superRefine(checkTimeout)

const section = z
  .strictObject(
    {
      enabled: boolean.default(false).describe('Turns the whole feature on.'),
      id: z
        .string(isId)
        .min(1, isId)
        .max(maxIdLength, isId)
        .superRefine(checkId)
        .exactOptional()
        .describe("The endpoint's name in the ledger and in logs. By default host and path of the endpoint."),
      endpoint: z
        .string('must be a URL as a string')
        .superRefine(checkEndpoint)
        .exactOptional()
        .meta({
          description:
            'Where to POST: an absolute http: or https: URL without user name, password and fragment.',
          pattern: endpointPattern.source,
          examples: ['http://www.example.org/automation'],
        }),
      key: text
        .superRefine(checkKey)
        .exactOptional()
        .describe('Appended to the endpoint as query parameter "key", to tell installations apart.'),
      connectionTimeout: timeout
        .default('PT30S')
        .describe('How long connecting may take, TLS included: an ISO-8601 duration of more than zero.'),
      responseTimeout: timeout
        .default('PT30S')
        .describe('How long the whole attempt may take: an ISO-8601 duration of more than zero.'),
      secret: z
        .union([anyText, z.array(anyText).min(1, isSecret)], isSecret)
        .superRefine(checkSecret)
        .exactOptional()
        .describe(
          'Turns the signature headers on. To rotate it, an array: the current secret, then previous ones.',
        ),
      useSslTrustAll: boolean
        .default(true)
        .describe('Accept any certificate of the server: to get started and for test.'),
      useSslClientCert: boolean
        .default(false)
        .describe('Present the certificate of sslKeyFile to the server.'),
      sslKeyFile: text
        .exactOptional()
        .describe(
          "Key store (PEM, PKCS#12 or JKS): the client's identity with useSslClientCert, else what the server is verified against.",
        ),
      sslKeyPassword: z
        .string('must be a string')
        .exactOptional()
        .describe('Password of sslKeyFile, and of sslTrustFile unless it has its own.'),
      sslTrustFile: text
        .exactOptional()
        .describe('Trusted certificates (PEM, PKCS#12 or JKS), when the client authenticates.'),
      sslTrustPassword: z
        .string('must be a string')
        .exactOptional()
        .describe('Password of sslTrustFile when it differs from sslKeyPassword.'),
      events: z
        .array(z.enum(eventTypes, `must be one of ${eventTypes.join(', ')}`), isEvents)
        .min(1, isEvents)
        .superRefine(checkEvents, evenSoArray)
        .default([...eventTypes])
        .meta({ description: 'The events to send.', uniqueItems: true }),
      headers: z
        .record(z.string(), z.string('must be a string'), isHeaders)
        .superRefine(checkHeaders, evenSoObject)
        .default({})
        .describe('Headers to add to each request; not those that the sender or HTTP itself sets.'),
      retrySchedule: z
        .array(duration.superRefine(checkWait), isSchedule)
        .min(1, isSchedule)
        .default(['PT0S', 'PT5S', 'PT5M', 'PT30M', 'PT2H', 'PT5H', 'PT10H', 'PT14H', 'PT20H', 'PT24H'])
        .describe('The wait before each attempt, the first included: as many attempts as durations.'),
      maxConcurrency: z
        .number(isConcurrency)
        .refine((count) => Number.isInteger(count) && count >= 1 && count <= 1000, isConcurrency)
        .default(10)
        .meta({
          description: 'How many requests may be under way at once.',
          type: 'integer',
          minimum: 1,
          maximum: 1000,
        }),
      denyPrivateNetworks: boolean
        .default(false)
        .describe('Refuse to connect to private, loopback and link-local addresses.'),
    },
    isSection,
  )
  .meta({
    title: 'An endpoint of task webhooks',
    // What checkTogether() says, for editors.
    allOf: [impliesKey('enabled', 'endpoint'), impliesKey('useSslClientCert', 'sslKeyFile')],
  })

function impliesKey(condition: string, key: string): Record<string, unknown> {
  return { anyOf: [{ properties: { [condition]: { const: false } } }, { required: [key] }] }
}

/** Every key that a section may have. */
export const webHookKeys: readonly string[] = Object.keys(section.shape)

/** The rules of one section, without environment variables: those are replaced before. */
export const webHookSchema: z.ZodType<ResolvedWebHookConfig> = section
  .superRefine(checkTogether, evenSoObject)
  .transform(({ enabled, endpoint, id, ...options }) => {
    const resolvedId = id ?? (endpoint === undefined ? undefined : defaultId(new URL(endpoint)))
    return {
      ...options,
      enabled,
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(resolvedId === undefined ? {} : { id: resolvedId }),
      // checkTogether() has seen to it that an enabled section has an endpoint, and so an id.
    } as ResolvedWebHookConfig
  })

/** The rules of several sections. */
export const webHookListSchema: z.ZodType<ResolvedWebHookConfig[]> = z
  .array(webHookSchema)
  .superRefine(checkIds, evenSoArray)
