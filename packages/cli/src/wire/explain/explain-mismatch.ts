import { listBodies } from './body-candidates.ts'
import type { Cause } from './causes.ts'
import { listMessages } from './message-candidates.ts'
import { searchCauses } from './search.ts'
import { listKeys, type Secrets } from './secret-candidates.ts'
import { readSignatureForms } from './signature-forms.ts'

/** A request that was refused, and what it may have been signed with. */
export interface RefusedRequest extends Secrets {
  /** Lower-case names. */
  headers: Readonly<Record<string, string | undefined>>
  body: Uint8Array
  url?: string
}

/** What was found of one signature. */
export interface Explanation {
  header: 'x-signature' | 'webhook-signature'
  /** `right`: it is the signature; `explained`: the causes together make it so; `unexplained`: nothing that was tried does. */
  outcome: 'right' | 'explained' | 'unexplained'
  causes: readonly Cause[]
}

/**
 * Finds why each signature of a request does not match its body and the secret. It is a proof, not a guess: with the
 * named cause corrected, the signature matches.
 */
export async function explainMismatch({
  headers,
  body,
  url,
  secrets,
  otherSecrets = [],
}: RefusedRequest): Promise<Explanation[]> {
  const keys = listKeys({ secrets, otherSecrets })
  const arrived = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  let bodies: ReturnType<typeof listBodies> | undefined
  const space = { keys, body: arrived, listBodies: () => (bodies ??= listBodies(arrived)) }

  const explain = async (header: Explanation['header'], value: string): Promise<Explanation> => {
    const messages = listMessages(header, { headers, url })
    const causes = await searchCauses(readSignatureForms(value, header), { ...space, messages })
    if (causes === undefined) return { header, outcome: 'unexplained', causes: [] }
    return { header, outcome: causes.length === 0 ? 'right' : 'explained', causes: unite(causes) }
  }
  return Promise.all(
    (['x-signature', 'webhook-signature'] as const).flatMap((header) => {
      const value = headers[header]
      return value === undefined ? [] : [explain(header, value)]
    }),
  )
}

/** Each cause once. */
function unite(causes: readonly Cause[]): Cause[] {
  return [...new Map(causes.map((one) => [one.code, one])).values()]
}
