import { createSigner, sign } from '@taskhook/core'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bodyBreakages } from '../testing/breakages/body-breakages.ts'
import { given, hmac } from '../testing/breakages/breakage.ts'
import { jsonBreakages } from '../testing/breakages/json-breakages.ts'
import { secretBreakages } from '../testing/breakages/secret-breakages.ts'
import { signatureBreakages } from '../testing/breakages/signature-breakages.ts'
import { causeCodes, type CauseCode } from './causes.ts'
import { explainMismatch } from './explain-mismatch.ts'

const breakages = { ...secretBreakages, ...jsonBreakages, ...bodyBreakages, ...signatureBreakages }

describe('each cause is found', () => {
  const named = Object.entries(breakages).flatMap(([code, list]) =>
    list.map((breakage, index) => [`${code} ${index + 1}`, code as CauseCode, breakage] as const),
  )
  test.each(named)('%s', async (_name, code, breakage) => {
    await fc.assert(
      fc.asyncProperty(given, async (one) => {
        const request = breakage(one)
        // Not every signature has a zero to lose.
        fc.pre(code !== 'signature_leading_zeros' || request.headers['x-signature']?.length !== 64)
        const explained = await explainMismatch(request)
        expect(explained).toContainEqual(expect.objectContaining({ outcome: 'explained' }))
        const found = explained.find(({ outcome }) => outcome === 'explained')
        expect(found?.causes.map((cause) => cause.code)).toContain(code)
      }),
      { numRuns: 2 },
    )
  })

  test('none of them is left out', () => {
    const tested = [...Object.keys(breakages), 'clock_off', 'timestamp_milliseconds']
    expect(tested.toSorted()).toEqual(causeCodes.toSorted())
  })
})

describe('two causes at once', () => {
  test('are both found', async () => {
    await fc.assert(
      fc.asyncProperty(given, async ({ secret, body }) => {
        const signed = JSON.stringify(JSON.parse(body), null, 2)
        const [explained] = await explainMismatch({
          headers: { 'x-signature': hmac(`${secret}\n`, signed).toString('base64') },
          body: Buffer.from(body),
          secrets: [secret],
        })
        expect(explained?.causes.map(({ code }) => code)).toEqual([
          'secret_extra_characters',
          'json_whitespace',
        ])
      }),
      { numRuns: 3 },
    )
  })
})

describe('what is right is not explained', () => {
  test('of both signatures', async () => {
    await fc.assert(
      fc.asyncProperty(given, async ({ secret, body, sentAt }) => {
        const headers = createSigner([secret, 'previous'])({ id: 'msg_1', sentAt, body })
        for (const secrets of [[secret], ['another', secret]]) {
          expect(await explainMismatch({ headers, body: Buffer.from(body), secrets })).toEqual([
            { header: 'x-signature', outcome: 'right', causes: [] },
            { header: 'webhook-signature', outcome: 'right', causes: [] },
          ])
        }
      }),
      { numRuns: 10 },
    )
  })

  test('a signature of something else entirely is not explained either', async () => {
    const [explained] = await explainMismatch({
      headers: { 'x-signature': sign('something else', 'another secret') },
      body: Buffer.from('{"orderId":"1","eventType":"OrderSigned","taskId":"1"}'),
      secrets: ['the shared secret'],
    })
    expect(explained).toEqual({ header: 'x-signature', outcome: 'unexplained', causes: [] })
  })
})

test('the process goes on with other things while a cause is looked for', async () => {
  let isFound = false
  const search = explainMismatch({
    headers: { 'x-signature': sign('something else', 'another secret') },
    body: Buffer.from('{"orderId":"1","eventType":"OrderSigned","taskId":"1"}'),
    secrets: ['the shared secret'],
  }).then(() => (isFound = true))
  await new Promise((resolve) => setImmediate(resolve))
  await new Promise((resolve) => setImmediate(resolve))
  expect(isFound).toBe(false)
  await search
})

test('neither a secret nor a right signature is in what is said', async () => {
  const all = Object.values(breakages).flat()
  await fc.assert(
    fc.asyncProperty(given, fc.constantFrom(...all), async (one, breakage) => {
      const request = breakage(one)
      const said = JSON.stringify(await explainMismatch(request))
      for (const secret of [...request.secrets, ...(request.otherSecrets ?? []), one.secret]) {
        expect(said).not.toContain(secret)
      }
      expect(said).not.toContain(sign(request.body, one.secret))
    }),
    { numRuns: 20 },
  )
})
