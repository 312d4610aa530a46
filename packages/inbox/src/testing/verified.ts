import { createVerifier, type VerifiedWebhook, type VerifierOptions } from '@taskhook/core'
import { signedRequest, type SignedRequestOptions } from '@taskhook/core/testing'

const secret = 'a secret that both sides share'

/** A webhook as a verifier gives it, of a request that was signed. */
export async function verified(
  { secret: signedWith = secret, ...request }: Partial<SignedRequestOptions> = {},
  options: Partial<VerifierOptions> = {},
): Promise<VerifiedWebhook> {
  const { headers, url, body } = signedRequest({ secret: signedWith, ...request })
  const verifier = createVerifier({ secret, ...options })
  const verification = await verifier.verify({ headers, url, body: Buffer.from(body) })
  if (verification.outcome !== 'event') throw new Error(`the verifier says ${verification.outcome}`)
  return verification.webhook
}
