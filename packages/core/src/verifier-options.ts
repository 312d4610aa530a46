import type { StandardSchemaV1 } from '@standard-schema/spec'
import { readBodyLimits } from './body-limits.ts'
import { checkOptions } from './check-options.ts'
import type { DedupeStore } from './dedupe-store.ts'
import { createKeyCheck } from './installation-key.ts'
import { OptionError } from './option-error.ts'
import { parseWithoutPrototypes, type ParseText } from './payload.ts'
import type { BodyLimits } from './read-stream.ts'
import { createSecretSource, type SecretResolver, type SecretSource } from './secret-source.ts'
import { fastTaskEventSchema, type TaskEvent } from './task-event.ts'

/** An event that was acknowledged without a handler, because the schema does not know its type. */
export interface IgnoredEvent {
  eventType: string
  installation?: string
}

/** Options of every receiver. Only `secret` must be given. */
export interface VerifierOptions<E = TaskEvent> {
  /**
   * The shared secret; several during a rotation, any of which will do; a function that finds it by installation;
   * or `false` to take unsigned requests. `whsec_…` is the Base64 of the key, anything else its UTF-8 bytes.
   */
  secret: string | readonly string[] | false | SecretResolver
  /** The accepted values of `?key=`. Default: any, or none. */
  key?: string | readonly string[] | undefined
  /** Any Standard Schema (zod, valibot, arktype, …) of the wire JSON. Default `taskEventSchema`. */
  schema?: StandardSchemaV1<unknown, E> | undefined
  /**
   * What happens to an event type that the schema does not know: `ignore` acknowledges it with 2xx, calls no handler
   * and tells {@link onIgnored}; `reject` refuses it with `event_type_unknown`. Default `ignore`, so that a sender
   * with a new event does not retry it for days.
   */
  unknownEvents?: 'ignore' | 'reject' | undefined
  /** Told of each ignored event. If it throws, so does the verification, and the sender retries. */
  onIgnored?: ((ignored: IgnoredEvent) => void | Promise<void>) | undefined
  /**
   * Whether a request must have the Standard Webhooks headers, without which a replay cannot be told. When they are
   * there they must verify in either case. Default `when-present`.
   */
  replayProtection?: 'when-present' | 'required' | undefined
  /** How far `webhook-timestamp` may be from now, in seconds, in both directions. Default 300. */
  toleranceInSeconds?: number | undefined
  /** Where handled deliveries are remembered. Default: nowhere. Needs the Standard Webhooks headers to have an effect. */
  dedupe?: DedupeStore | undefined
  /**
   * How long the claim of a delivery is held for a handler that does not end, in milliseconds. After that, a repeat
   * runs the handler again. Only with {@link dedupe}. Default 900 000 (15 minutes).
   */
  handlingTimeoutInMs?: number | undefined
  /** The largest body taken, in bytes. Default 65536. */
  bodyLimitInBytes?: number | undefined
  /**
   * How long a body may take to arrive, in milliseconds, if it is read from a stream. Then the request is refused with
   * `body_timeout` and its connection is closed. Default 30 000. `0` or `false`: as long as the server allows.
   */
  bodyTimeoutInMs?: number | false | undefined
  /**
   * Whether `content-type` must be there; if it is, it must be `application/json`. Default `when-present` for a bare
   * verifier, whose caller may have read the body from somewhere else than HTTP, and `required` in the adapters.
   */
  contentType?: 'when-present' | 'required' | undefined
  /** The clock, in milliseconds. Default `Date.now`. */
  now?: (() => number) | undefined
}

/** {@link VerifierOptions} checked, with defaults, and prepared for use. */
export interface ResolvedOptions<E> {
  secretSource: SecretSource
  checkKey: ((installation: string | undefined) => void) | undefined
  parseText: ParseText
  schema: StandardSchemaV1<unknown, E>
  unknownEvents: 'ignore' | 'reject'
  onIgnored: ((ignored: IgnoredEvent) => void | Promise<void>) | undefined
  replayProtection: 'when-present' | 'required'
  toleranceInSeconds: number
  dedupe: DedupeStore | undefined
  handlingTimeoutInMs: number
  bodyLimits: BodyLimits
  contentType: 'when-present' | 'required'
  now: () => number
}

/**
 * Checks the options.
 *
 * @throws OptionError for the first one that cannot work.
 */
export function resolveOptions<E>(options: VerifierOptions<E>): ResolvedOptions<E> {
  checkOptions<VerifierOptions<E>>(options, verifierOptionNames)
  const {
    secret,
    key,
    // Without a schema option there is nothing to infer E from, so it is its default, TaskEvent.
    schema = fastTaskEventSchema as unknown as StandardSchemaV1<unknown, E>,
    unknownEvents = 'ignore',
    onIgnored,
    replayProtection = 'when-present',
    toleranceInSeconds = 300,
    dedupe,
    handlingTimeoutInMs = 15 * 60 * 1000,
    contentType = 'when-present',
    now = Date.now,
  } = options ?? {}

  const secretSource = createSecretSource(secret)
  oneOf('unknownEvents', unknownEvents, ['ignore', 'reject'])
  oneOf('replayProtection', replayProtection, ['when-present', 'required'])
  oneOf('contentType', contentType, ['when-present', 'required'])
  if (typeof schema?.['~standard']?.validate !== 'function') {
    throw new OptionError('schema', 'must be a Standard Schema, from zod, valibot or arktype for instance')
  }
  if (onIgnored !== undefined && typeof onIgnored !== 'function') {
    throw new OptionError('onIgnored', 'must be a function')
  }
  if (typeof now !== 'function') throw new OptionError('now', 'must be a function')
  if (!Number.isFinite(toleranceInSeconds) || toleranceInSeconds < 0) {
    throw new OptionError('toleranceInSeconds', 'must be a number of seconds, 0 or more')
  }
  if (!Number.isSafeInteger(handlingTimeoutInMs) || handlingTimeoutInMs < 1) {
    throw new OptionError('handlingTimeoutInMs', 'must be a positive integer')
  }
  if (dedupe !== undefined) checkDedupe(dedupe, toleranceInSeconds)
  if (secretSource === false && replayProtection === 'required') {
    throw new OptionError(
      'replayProtection',
      'cannot be "required" with secret: false, which verifies nothing',
    )
  }
  if (secretSource === false && dedupe !== undefined) {
    throw new OptionError(
      'dedupe',
      'cannot work with secret: false: nothing proves the delivery id of an unsigned request',
    )
  }

  return {
    secretSource,
    checkKey: key === undefined ? undefined : createKeyCheck(key),
    // Our own schema reads three properties and copies none, so it needs no cleaning before.
    parseText: options.schema === undefined ? JSON.parse : parseWithoutPrototypes,
    schema,
    unknownEvents,
    onIgnored,
    replayProtection,
    toleranceInSeconds,
    dedupe,
    handlingTimeoutInMs,
    bodyLimits: readBodyLimits(options),
    contentType,
    now,
  }
}

/** The names of all {@link VerifierOptions}, for an adapter that has more and checks them together. */
export const verifierOptionNames: Readonly<Record<keyof VerifierOptions, true>> = {
  secret: true,
  key: true,
  schema: true,
  unknownEvents: true,
  onIgnored: true,
  replayProtection: true,
  toleranceInSeconds: true,
  dedupe: true,
  handlingTimeoutInMs: true,
  bodyLimitInBytes: true,
  bodyTimeoutInMs: true,
  contentType: true,
  now: true,
}

// A timer of Node.js takes at most 24 days. A claim of more than one day would not serve its purpose.
const longestClaimInMs = 24 * 60 * 60 * 1000

function checkDedupe(store: DedupeStore, toleranceInSeconds: number): void {
  if (typeof store?.begin !== 'function') throw new OptionError('dedupe', 'must have a method begin')
  const { claimInMs, keepInMs } = store
  if (!Number.isSafeInteger(claimInMs) || claimInMs < 1 || claimInMs > longestClaimInMs) {
    throw new OptionError('dedupe', 'must have a claimInMs, from 1 to 86 400 000 milliseconds')
  }
  if (!Number.isSafeInteger(keepInMs) || keepInMs < 1) {
    throw new OptionError('dedupe', 'must have a keepInMs, a positive integer of milliseconds')
  }
  // A request from the future is taken up to the tolerance before its time, and again up to the tolerance after it.
  if (2 * toleranceInSeconds * 1000 > keepInMs) {
    throw new OptionError(
      'toleranceInSeconds',
      'must be at most half of the time that the dedupe store remembers (keepInMs): otherwise the store forgets a delivery whose timestamp is still accepted',
    )
  }
}

function oneOf(option: string, value: unknown, allowed: readonly string[]): void {
  if (!allowed.includes(value as string)) {
    throw new OptionError(option, `must be ${allowed.map((one) => `"${one}"`).join(' or ')}`)
  }
}
