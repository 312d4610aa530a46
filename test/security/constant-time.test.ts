import type * as Crypto from 'node:crypto'
import { createVerifier, memoryDedupe, verifySignature, type VerifierOptions } from '@taskhook/core'
import { signedRequest, type SignedRequest } from '@taskhook/core/testing'
import { beforeEach, describe, expect, test, vi } from 'vitest'

const { work } = vi.hoisted(() => ({ work: { compares: 0, hashes: 0 } }))

// Time cannot be measured on a busy machine. What takes it can be counted.
vi.mock('node:crypto', async (importOriginal) => {
  const crypto = await importOriginal<typeof Crypto>()
  return {
    ...crypto,
    timingSafeEqual(...parameters: Parameters<typeof crypto.timingSafeEqual>) {
      work.compares += 1
      return crypto.timingSafeEqual(...parameters)
    },
    hash(...parameters: Parameters<typeof crypto.hash>) {
      work.hashes += 1
      return crypto.hash(...parameters)
    },
  }
})

beforeEach(reset)

const secrets = ['the first secret', 'the second secret', 'the third secret']

function reset(): void {
  Object.assign(work, { compares: 0, hashes: 0 })
}

/** What one verification counts, once everything that is made once a key has been made. */
async function count(options: VerifierOptions, { headers, url, body }: SignedRequest): Promise<typeof work> {
  const verifier = createVerifier(options)
  const verify = (): Promise<unknown> => verifier.verify({ headers, url, body: Buffer.from(body) })
  await verify().catch(() => {})
  reset()
  await verify().catch(() => {})
  return { ...work }
}

describe('as much is hashed and compared whichever secret it was', () => {
  const kinds: Record<string, VerifierOptions> = {
    'an array of secrets': { secret: secrets },
    'secrets that a function finds': { secret: () => secrets },
    'secrets that a function finds, with a dedupe store': {
      secret: () => secrets,
      dedupe: memoryDedupe(),
    },
  }

  test.each(Object.entries(kinds))('of %s', async (_name, options) => {
    const counts: (typeof work)[] = []
    for (const secret of secrets) counts.push(await count(options, signedRequest({ secret })))
    expect(counts[0]?.compares).toBeGreaterThanOrEqual(2 * secrets.length)
    expect(counts).toEqual(secrets.map(() => counts[0]))
  })

  test('or none, as far as X-Signature goes', async () => {
    const [first, none] = [secrets[0] as string, 'a secret that is not configured']
    const plain = { standardWebhooks: false }
    expect(await count({ secret: secrets }, signedRequest({ secret: none, ...plain }))).toEqual(
      await count({ secret: secrets }, signedRequest({ secret: first, ...plain })),
    )
  })
})

test('every signature of a header is compared with every secret, wherever the one that matches is', async () => {
  const others = ['another secret', 'and one more']
  const counts: (typeof work)[] = []
  for (const place of [0, 1, 2]) {
    const { headers, ...request } = signedRequest({ secret: others.toSpliced(place, 0, 'the second secret') })
    // It has room for the first one only, and would be refused where that is another's.
    delete headers['x-signature']
    counts.push(await count({ secret: secrets }, { ...request, headers }))
  }
  expect(counts[0]?.compares).toBe(secrets.length * 3)
  expect(counts).toEqual([counts[0], counts[0], counts[0]])
})

test('every key is compared, wherever the one that matches is', async () => {
  const key = ['site-1', 'site-2', 'site-3']
  const counts: number[] = []
  for (const one of [...key, 'a site that is not known', '']) {
    counts.push((await count({ secret: false, key }, signedRequest({ secret: false, key: one }))).compares)
  }
  expect(counts).toEqual([3, 3, 3, 3, 0])
})

test('a signature of the wrong form is compared with nothing, and throws nothing', () => {
  for (const header of ['', 'f'.repeat(63), 'f'.repeat(65), 'ſ'.repeat(64), 'v1=', 'sha256=']) {
    expect(verifySignature(Buffer.from('{}'), header, secrets)).toBe(false)
  }
  expect(work.compares).toBe(0)
})
