import type { WebhookErrorCode } from '@taskhook/core'
import { type ErrorPage, withCommon } from './error-page.ts'

const explain =
  'Record the request, and run `taskhook verify request.http --explain`. It names the cause and the remedy. See [The signature does not match](../signature-mismatch.md).'

/** Why a receiver refuses a request. */
export const receiverErrors: Record<WebhookErrorCode, ErrorPage> = withCommon<WebhookErrorCode>(
  { source: '`WebhookError` of `@taskhook/core`', who: 'the developer of the receiver' },
  {
    signature_missing: {
      who: 'the operator of the sender',
      means:
        'The request has no signature, or it has `webhook-id` and `webhook-timestamp` without `webhook-signature`. The receiver has a secret, so it accepts signed requests only.',
      remedies: [
        'Set `secret` in the `webHook` section of the sender. Without it, the sender signs nothing.',
        'Check that no proxy removes `X-Signature` and the `webhook-` headers.',
        'If requests must be accepted unsigned, set `secret: false` in the receiver. Anyone can then send it events.',
      ],
    },
    signature_malformed: {
      who: 'the operator of the sender',
      means:
        'A signature header is there, but it cannot be read. `X-Signature` must hold one SHA-256 value in hex, base64 or base64url. `webhook-signature` must hold at least one `v1,` or `v1a,` signature.',
      remedies: [
        'Compare the header with [the contract](../../packages/contract/README.md).',
        'Check that no proxy joins two headers into one, cuts them, or adds quotes.',
        explain,
      ],
    },
    signature_mismatch: {
      means:
        'The signature is well formed, but it was not made from these bytes with this secret. Either the two sides have different secrets, or the body was changed after it was signed.',
      remedies: [
        explain,
        'Compare the secret of both sides, blanks and line breaks included. A `whsec_…` secret is base64; every other secret is used as text.',
        'Verify the bytes as they arrived. JSON that was parsed and written again has other bytes.',
        'During a rotation, give the receiver both secrets: `secret: [current, previous]`.',
      ],
    },
    key_missing: {
      who: 'the operator of the sender',
      means: 'The receiver expects `?key=` in the URL, and the request has none.',
      remedies: [
        'Set `key` in the `webHook` section of the sender.',
        'Check that no proxy removes the query of the URL.',
      ],
    },
    key_unknown: {
      means:
        'The value of `?key=` is not one that the receiver accepts, or the URL has `key` more than once, or the `secret` function found no secret for this installation.',
      remedies: [
        'Compare `key` of the sender with `key` of the receiver.',
        'If `secret` is a function, check that it knows this installation.',
        'Check that `endpoint` of the sender does not contain a `key` of its own.',
      ],
    },
    timestamp_missing: {
      who: 'the operator of the sender',
      means:
        "The request has no readable `webhook-timestamp`, and the receiver needs one. With `replayProtection: 'required'` a request with `X-Signature` alone is refused.",
      remedies: [
        'Use a sender that signs as [Standard Webhooks](https://www.standardwebhooks.com) has it.',
        'Check that no proxy removes `webhook-timestamp`. It is a number of seconds.',
        "If the sender has `X-Signature` only, set `replayProtection: 'when-present'`. A recorded request can then be sent again.",
      ],
    },
    timestamp_out_of_tolerance: {
      who: 'the operators of both machines',
      means:
        'The signed time of the request is too old or in the future. The tolerance is `toleranceInSeconds`, 300 seconds by default. One of the two clocks is wrong, the request was held on its way, or it is a replay.',
      remedies: [
        'Compare the clocks of both machines: `date -u`. Synchronise them with NTP.',
        'Look for a proxy or a queue that holds requests for minutes.',
        'If the clocks are right and the request came from an unknown address, treat it as a replay. It was refused, and nothing else needs doing.',
      ],
    },
    body_timeout: {
      who: 'the operator of the sender',
      means:
        'The body was not complete within `bodyTimeoutInMs`. The receiver answers 408 and closes the connection.',
      remedies: [
        'Look at the network and at proxies between the two sides.',
        'If your clients are slow, set a larger `bodyTimeoutInMs`.',
      ],
    },
    body_too_large: {
      means:
        'The body has more bytes than `bodyLimitInBytes`, 65,536 by default. An event of the contract has about 200.',
      remedies: [
        'Check that the URL of the sender leads to the right route.',
        'If your `schema` has larger events, set a larger `bodyLimitInBytes`. In Fastify, it is `bodyLimit` of the route.',
      ],
    },
    content_type_unsupported: {
      who: 'the operator of the sender',
      means: 'The content type is not `application/json`. Parameters, such as `charset=utf-8`, are fine.',
      remedies: ['Send `content-type: application/json`.', 'Check that no proxy changes the header.'],
    },
    body_not_json: {
      who: 'the developer of the sender',
      means: 'The body is signed, but it is not JSON in UTF-8. Compressed bodies are not decoded.',
      remedies: [
        'Send JSON, uncompressed, in UTF-8.',
        'Record a request and look at its first bytes: `xxd body.json | head`.',
      ],
    },
    body_empty: {
      who: 'the developer of the sender',
      means: 'The request has no body.',
      remedies: [
        'Check that the sender posts the event. A redirect that becomes a GET loses the body.',
        'Check that no middleware reads the body before the receiver does.',
      ],
    },
    body_unreadable: {
      who: 'the operator of the sender',
      means: 'The connection ended before the body was complete. The sender tries again.',
      remedies: [
        'A few of these are normal when processes restart.',
        'If there are many, look at the time limits of the sender and of the proxies.',
      ],
    },
    payload_invalid: {
      means: 'The body is authentic JSON, but the schema refuses it. `issues` lists what is wrong and where.',
      remedies: [
        'Read `issues` of the error, or of the answer.',
        'If the sender sends a newer form of the event, update the `schema` of the receiver.',
        'If you have no `schema` of your own, update `@taskhook/core`.',
      ],
    },
    task_id_mismatch: {
      who: 'the developer of the sender',
      means:
        'The body has `taskId` and the deprecated `orderId`, and their values differ. They must be identical.',
      remedies: ['Send the same value in both, or `taskId` alone.'],
    },
    event_type_unknown: {
      means:
        "The event type is not one of the contract, and `unknownEvents` is `'reject'`. The sender tries again until it gives up.",
      remedies: [
        "Set `unknownEvents: 'ignore'`, the default. New event types are then answered 2xx and are not handled.",
        'Or update `@taskhook/core`, if a newer version knows the type.',
      ],
    },
    delivery_in_progress: {
      who: 'no one, in most cases',
      means:
        'The same delivery is being handled at this moment. The sender sent it again because it had no answer. It is answered 409 with `Retry-After: 1`, and the sender tries again.',
      remedies: [
        'A few of these are normal.',
        'If there are many, the handler is slower than `responseTimeout` of the sender. Store the webhook first and handle it later: see [`@taskhook/inbox`](../../packages/inbox/README.md).',
        'If it lasts for one delivery after a process died, wait until its claim ends (`claimInMs`).',
      ],
    },
    body_already_parsed: {
      means:
        'A body parser ran before the receiver, and the raw bytes are gone. A signature can be verified over the raw bytes only.',
      remedies: [
        'Register the receiver before `express.json()` and its like. The message names the line to change.',
        'Or keep the bytes: `express.json({ verify: (request, _, bytes) => { request.rawBody = bytes } })`.',
      ],
    },
    secret_unavailable: {
      who: 'the operator of the receiver',
      means:
        'The `secret` function threw, or it returned a secret that cannot be used. The receiver answers 503 with `Retry-After: 5`, and the sender tries again. Nothing is lost.',
      remedies: [
        'Look at `cause` of the error: it is what the function threw.',
        'Check that the secret store is up, and that the receiver may read it.',
        'An empty string is no secret. Return `undefined` when there is none.',
      ],
    },
    dedupe_unavailable: {
      who: 'the operator of the receiver',
      means:
        'The dedupe store failed, so the receiver cannot know whether it handled this delivery before. It answers 503 with `Retry-After: 5`, and the sender tries again. Nothing is lost.',
      remedies: [
        'Look at `cause` of the error.',
        'Check the database of the store: is it up, does it have disk space, may the receiver write?',
        'With code [`claim_lost`](claim_lost.md) as the cause, another receiver handles the delivery. Nothing needs doing.',
      ],
    },
    inbox_unavailable: {
      who: 'the operator of the receiver',
      means:
        'The inbox could not store the webhook. The receiver answers 503 with `Retry-After: 5`, and the sender tries again. Nothing is lost.',
      remedies: [
        'Look at `cause` of the error. It is an `OutboxError`, and its code has a page here: [`ledger_full`](ledger_full.md), [`ledger_busy`](ledger_busy.md), [`ledger_unavailable`](ledger_unavailable.md).',
        'Run `taskhook doctor --outbox <url of the store>`.',
      ],
    },
  },
)
