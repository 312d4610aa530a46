import type { ReceiverVector } from '@taskhook/contract'

/** What to do, by the names of the vectors; the first that matches. */
type Fixes = readonly (readonly [name: RegExp, fix: string])[]

const verifyBytes =
  'Verify the bytes as they came, before any parser: JSON that was parsed and written again has other bytes.'

// Where a request was taken that must be refused.
const ofTaken: Fixes = [
  [
    /^unsigned$/,
    'Refuse a request that has neither X-Signature nor webhook-signature: without one anybody can send.',
  ],
  [/^(tampered|white-space-added|replaced-byte|byte-order-mark-added)$/, verifyBytes],
  [
    /^(forged|plain-hash|signature-of-zeros|ed25519-(forged|key))/,
    'Compute the signature of the body with the secret, compare it with the header in constant time, and do nothing before it is right.',
  ],
  [/^secret-as-text$/, 'Decode what follows "whsec_" as Base64: that is the key, and not the text.'],
  [/^signature-twice$/, 'Refuse a header of signatures that is there twice.'],
  [
    /^signature-(too-short|empty|not-hex)$/,
    'Decode the signature to exactly 32 bytes, refuse any other length, and compare all of them.',
  ],
  [
    /^(standard|x)-forged/,
    'Verify every signature that a request carries: one that is right does not make up for one that is not.',
  ],
  [
    /^replay-new/,
    'Verify webhook-signature over "<webhook-id>.<webhook-timestamp>.<body>": the body alone can be replayed.',
  ],
  [
    /^(replay-too-old|sent-in-the-future)$/,
    'Compare webhook-timestamp with your clock, and refuse what is more than 300 seconds away in either direction.',
  ],
  [
    /^(standard-(malformed|without|signature-stripped)|signatures-of-other|ed25519-without)/,
    'Where one of webhook-id, webhook-timestamp and webhook-signature is there, ask for all three, and for a "v1," signature that is right.',
  ],
  [/^rotation-ended$/, 'Take the old secret away when the rotation is over.'],
  [/^key-/, 'Compare ?key= with the keys of the installations that you serve.'],
  [
    /^content-type-/,
    'Take application/json alone: a form or plain text can be sent by any web page without asking.',
  ],
  [
    /^(not-json|not-utf-8|empty-body)$/,
    'Read the body as UTF-8 and JSON before you answer: what is taken with a 2xx is never sent again.',
  ],
  [/^too-large$/, 'Stop reading after 65,536 bytes: an event is far smaller, and memory is not without end.'],
  [/^ids-differ$/, 'Compare taskId with orderId where both are there.'],
  [
    /^body-cut-short$/,
    'Compare the length of the body with Content-Length, and answer 2xx after the last byte alone.',
  ],
  [
    /^/,
    'Check the body before you answer: an object with an id of 1 to 255 characters without control characters, and an eventType. What is taken with a 2xx is never sent again.',
  ],
]

// Where one was refused that must be taken.
const ofRefused: Fixes = [
  [
    /^event-unknown/,
    'Acknowledge an event type that you do not know with a 2xx. Any other status makes the sender try for days, and holds back the later events of that task.',
  ],
  [/^event-/, 'Take all ten event types: those that you have no use for too.'],
  [/^(white-space|escapes|utf-8)$/, verifyBytes],
  [/^byte-order-mark$/, `${verifyBytes} Then leave a byte order mark out before the JSON is parsed.`],
  [
    /^unknown-property$/,
    'Pass over properties that you do not know: later versions of the service add some.',
  ],
  [/^only-/, 'Take the id from taskId, and from orderId where there is no taskId.'],
  [/^longest-id$/, 'Take ids of up to 255 characters.'],
  [
    /^x-signature-/,
    'Decode the header as hex in either case, Base64 or Base64url, with or without "sha256=" before it, and compare the 32 bytes.',
  ],
  [
    /^timestamp-/,
    'Allow a webhook-timestamp 300 seconds in both directions: clocks differ, and a queue takes time.',
  ],
  [
    /^standard-unknown-version$/,
    'Go through all the signatures in webhook-signature, and pass over versions that you do not know.',
  ],
  [
    /^standard-/,
    'Verify webhook-signature as Standard Webhooks has it: "v1," and the Base64 of the HMAC-SHA256 of "<webhook-id>.<webhook-timestamp>.<body>".',
  ],
  [/^rotation-/, 'Try every secret with every signature in webhook-signature: one pair that fits is enough.'],
  [/^key/, 'Decode ?key= from the URL before you compare it, and take a "/" before the "?".'],
  [/^repeat-/, 'Answer a repeat of what was handled with a 2xx, and do not handle it again.'],
  [/^content-type-/, 'Compare the media type without its parameters and without regard to case.'],
  [
    /^ed25519/,
    'Verify "v1a," signatures with the public key: Ed25519 over "<webhook-id>.<webhook-timestamp>.<body>".',
  ],
  [
    /^/,
    'Compare the secret with that of the sender, and compute HMAC-SHA256 of the bytes of the body with it: taskhook verify --explain says why a signature does not match.',
  ],
]

/** What to do about an answer that is not the best; `undefined` when the vector says all. */
export function findFix({ name, expected }: ReceiverVector, status: number | undefined): string | undefined {
  if (status === undefined) return 'The log of the receiver says what happened to this request.'
  if (status === 410) return 'Answer 410 only to say that no event is wanted any more: senders stop at it.'
  const isTaken = status >= 200 && status < 300
  if (isTaken) return pick(ofTaken, name)
  if (status >= 300 && status < 400) return 'Answer at the URL itself: senders follow no redirect.'
  if (expected.outcome === 'refused') {
    return status >= 500
      ? 'Catch what is thrown: an exception is no refusal, and looks like an outage.'
      : undefined
  }
  if (status === 404 || status === 405) return 'Nothing takes a POST at this path: look at the URL.'
  const fix = pick(ofRefused, name)
  return status >= 500 ? `${fix} A ${status} is a failure of the receiver itself; its log says which.` : fix
}

function pick(fixes: Fixes, name: string): string {
  return fixes.find(([pattern]) => pattern.test(name))?.[1] ?? ''
}
