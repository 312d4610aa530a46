import { sign } from '@taskhook/core'
import type { Case } from './case.ts'
import { refused } from './expected.ts'
import {
  eventJson,
  onlySignature,
  secondsLater,
  secret,
  secretOfNorth,
  sentAt,
  signature,
  signatureBytes,
  signed,
  withSignature,
} from './signed.ts'

/** What an attacker may send, or a sender that has another secret or key. */
export const unauthenticCases: Case[] = [
  // What is not authentic.
  {
    name: 'forged: signed with another secret',
    request: signed({ secret: 'a guess' }),
    expected: refused(401, 'signature_mismatch'),
  },
  {
    name: 'tampered: the body changed on its way',
    request: { ...signed(), chunks: [eventJson.replace('Accepted', 'Rejected')] },
    expected: refused(401, 'signature_mismatch'),
  },
  { name: 'unsigned', request: signed({ secret: false }), expected: refused(401, 'signature_missing') },
  {
    name: 'replayed: sent too long ago',
    request: signed({ sentAt: secondsLater(-301) }),
    expected: refused(401, 'timestamp_out_of_tolerance'),
  },
  {
    name: 'sent in the future',
    request: signed({ sentAt: secondsLater(3600) }),
    expected: refused(401, 'timestamp_out_of_tolerance'),
  },
  {
    name: 'replayed with a newer timestamp that is not signed',
    request: signed({
      sentAt: secondsLater(-3600),
      headers: { 'webhook-timestamp': String(sentAt.getTime() / 1000) },
    }),
    expected: refused(401, 'signature_mismatch'),
  },
  {
    name: 'replayed without the headers that stop a replay, where they are required',
    options: { replayProtection: 'required' },
    request: signed(onlySignature),
    expected: refused(401, 'timestamp_missing'),
  },
  {
    name: 'a good X-Signature beside a bad webhook-signature',
    request: signed({ headers: { 'webhook-signature': `v1,${signatureBytes.toString('base64')}` } }),
    expected: refused(401, 'signature_mismatch'),
  },
  {
    name: 'a good webhook-signature beside a bad X-Signature',
    request: signed({ headers: { 'x-signature': sign('another body', secret) } }),
    expected: refused(401, 'signature_mismatch'),
  },
  {
    name: 'a webhook-id without its webhook-signature',
    request: signed({ headers: { 'webhook-signature': undefined } }),
    expected: refused(401, 'signature_missing'),
  },
  {
    name: 'a webhook-signature without its webhook-timestamp',
    request: signed({ headers: { 'webhook-timestamp': undefined } }),
    expected: refused(401, 'timestamp_missing'),
  },
  {
    name: 'two X-Signature headers, both of them good',
    request: signed(withSignature([signature, signature])),
    expected: refused(401, 'signature_malformed'),
  },
  {
    name: 'an empty X-Signature',
    request: signed(withSignature('')),
    expected: refused(401, 'signature_malformed'),
  },
  {
    name: 'X-Signature v1=',
    request: signed(withSignature('v1=')),
    expected: refused(401, 'signature_malformed'),
  },
  {
    name: 'X-Signature of 64 characters beyond ASCII',
    // Sent as Latin-1, so each of them is one byte.
    request: signed(withSignature('é'.repeat(64))),
    expected: refused(401, 'signature_malformed'),
  },
  {
    name: 'X-Signature one character short',
    request: signed(withSignature(signature.slice(1))),
    expected: refused(401, 'signature_malformed'),
  },
  {
    name: 'X-Signature of 8000 characters',
    request: signed(withSignature('a'.repeat(8000))),
    expected: refused(401, 'signature_malformed'),
  },
  {
    name: 'byte FF under the signature of U+FFFD',
    request: {
      ...signed({ body: '{"taskId":"\uFFFD","eventType":"OrderSigned"}' }),
      headers: signed({ body: '{"taskId":"\uFFFD","eventType":"OrderSigned"}' }).headers.map(
        ([name, value]) => (name === 'content-length' ? [name, String(Number(value) - 2)] : [name, value]),
      ),
      chunks: [Buffer.from('{"taskId":"\u00FF","eventType":"OrderSigned"}', 'latin1')],
    },
    expected: refused(401, 'signature_mismatch'),
  },

  // Installations.
  {
    name: 'no key where one is asked for',
    options: { key: 'north' },
    request: signed(),
    expected: refused(401, 'key_missing'),
  },
  {
    name: 'an empty key',
    options: { key: 'north' },
    request: signed({ url: '/automation?key=' }),
    expected: refused(401, 'key_missing'),
  },
  {
    name: 'an unknown key',
    options: { key: 'north' },
    request: signed({ key: 'south' }),
    expected: refused(401, 'key_unknown'),
  },
  {
    name: 'two keys, one of them good',
    options: { key: 'north' },
    request: signed({ url: '/automation?key=north&key=south' }),
    expected: refused(401, 'key_unknown'),
  },
  {
    name: 'a key with a broken escape',
    options: { key: 'north' },
    request: signed({ url: '/automation?key=%E0%A4%A' }),
    expected: refused(401, 'key_unknown'),
  },
  {
    name: 'no key where the secret is found by installation',
    options: { secret: secretOfNorth },
    request: signed(),
    expected: refused(401, 'key_missing'),
  },
  {
    name: 'an installation without a secret',
    options: { secret: secretOfNorth },
    request: signed({ key: 'south' }),
    expected: refused(401, 'key_unknown'),
  },
  {
    name: 'a secret secretOfNorth that rejects',
    options: { secret: () => Promise.reject(new Error('the vault is sealed')) },
    request: signed(),
    expected: refused(503, 'secret_unavailable'),
  },
  {
    name: 'a secret secretOfNorth that throws',
    options: {
      secret: () => {
        throw new Error('the vault is sealed')
      },
    },
    request: signed(),
    expected: refused(503, 'secret_unavailable'),
  },
]
