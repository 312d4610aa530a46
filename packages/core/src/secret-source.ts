import { OptionError } from './option-error.ts'
import { verificationKeys, type VerificationKeys } from './secret.ts'
import { WebhookError } from './webhook-error.ts'
import type { WebhookHeaders } from './webhook-headers.ts'

/** What a {@link SecretResolver} is asked with. Nothing of it is verified yet. */
export interface SecretContext {
  /** The `?key=` value; an accepted one when {@link VerifierOptions.key} is set. */
  installation?: string
  headers: WebhookHeaders
}

/**
 * Finds the secret of one installation, or several during a rotation; `undefined` or `null` when the installation is not
 * known.
 */
export type SecretResolver = (context: SecretContext) => FoundSecret | Promise<FoundSecret>

/** What a {@link SecretResolver} finds. */
export type FoundSecret = string | readonly string[] | undefined | null

/** The keys to verify with: known from the start, looked up for each request, or none, said out loud. */
export type SecretSource = VerificationKeys | ((context: SecretContext) => Promise<VerificationKeys>) | false

/**
 * Reads the `secret` option.
 *
 * @throws OptionError when it is missing, empty, blank or a malformed `whsec_…`.
 */
export function createSecretSource(
  secret: string | readonly string[] | false | SecretResolver,
): SecretSource {
  if (secret === false) return false
  if (secret === undefined) {
    throw new OptionError(
      'secret',
      'is undefined: set its environment variable, or give `false` to accept unsigned requests',
    )
  }
  if (typeof secret !== 'function') return verificationKeys(secret)
  return async (context) => {
    const found = await resolve(secret, context)
    if (found !== undefined) return found
    throw context.installation === undefined
      ? new WebhookError(
          'key_missing',
          'the URL has no "key" parameter, and the secret function found no secret for such a request',
        )
      : new WebhookError(
          'key_unknown',
          'the secret function found no secret for the "key" parameter of the URL',
        )
  }
}

async function resolve(
  resolver: SecretResolver,
  context: SecretContext,
): Promise<VerificationKeys | undefined> {
  try {
    const secret = await resolver(context)
    // null too, since that is how a database says that it has no such row.
    return secret === undefined || secret === null ? undefined : verificationKeys(secret)
  } catch (cause) {
    const reason = cause instanceof OptionError ? 'returned a secret that cannot be used' : 'failed'
    throw new WebhookError('secret_unavailable', `the secret resolver ${reason}, see the cause`, { cause })
  }
}
