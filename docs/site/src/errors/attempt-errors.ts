import type { AttemptErrorCode } from '@taskhook/sender'
import { type ErrorPage, withCommon } from './error-page.ts'

const probe = 'From the machine of the sender, run `taskhook check config.json --connect`.'
const again =
  'The sender tries again by itself. After the last attempt the delivery is `exhausted`; `taskhook deliveries resend <id>` sends it again.'

/** Why an attempt of the sender had no complete answer. */
export const attemptErrors: Record<AttemptErrorCode, ErrorPage> = withCommon<AttemptErrorCode>(
  { source: '`errorCode` of an attempt of `@taskhook/sender`', who: 'the operator of the sender' },
  {
    connection_timeout: {
      means:
        'There was no connection, TLS included, within `connectionTimeout` or before the end of `responseTimeout`. A firewall that drops packets looks like this.',
      remedies: [probe, 'Check firewalls and routes to the host and port.', again],
    },
    response_timeout: {
      who: 'the operator of the receiver',
      means:
        'The receiver took the request, and its answer was not complete within `responseTimeout`. It may have handled the event: the same event is sent again with the same `webhook-id`.',
      remedies: [
        'Answer first, and handle later: see [`@taskhook/inbox`](../../packages/inbox/README.md).',
        'If the receiver needs the time, set a longer `responseTimeout`.',
        again,
      ],
    },
    connection_refused: {
      who: 'the operator of the receiver',
      means: 'Nothing listens at this host and port.',
      remedies: ['Start the receiver.', 'Check host and port of `endpoint`.', again],
    },
    connection_reset: {
      who: 'the operator of the receiver',
      means:
        'The connection ended before the answer was complete. The receiver may have handled the event: the same event is sent again with the same `webhook-id`.',
      remedies: [
        'Look at the log of the receiver and of its proxy for this time.',
        'A receiver that wants TLS and gets plain HTTP ends connections like this. Check `http:` or `https:` in `endpoint`.',
        again,
      ],
    },
    network_unreachable: {
      means: 'There is no route to the host.',
      remedies: ['Check the network of the sender: `ip route get <address>`.', probe, again],
    },
    dns_not_found: {
      means: 'The host name of the endpoint does not exist.',
      remedies: ['Check the spelling of `endpoint`.', 'Ask the name server: `getent hosts <name>`.', again],
    },
    dns_failed: {
      means:
        'The host name could not be looked up. The name server did not answer, or answered with an error.',
      remedies: ['Check the name servers of the machine: `getent hosts <name>`, `/etc/resolv.conf`.', again],
    },
    tls_untrusted: {
      means: 'The certificate of the receiver comes from an authority that the sender does not trust.',
      remedies: [
        'Put the certificate of the authority into the trusted certificates: `sslKeyFile`, or `sslTrustFile` with `useSslClientCert`.',
        'Check that the receiver sends its intermediate certificates: `openssl s_client -connect <host>:443 -showcerts`.',
        'Do not set `useSslTrustAll` to `true` in production. It accepts every certificate.',
      ],
    },
    tls_certificate_expired: {
      who: 'the operator of the receiver',
      means: 'The certificate of the receiver has expired, or it is not valid yet.',
      remedies: [
        'Renew the certificate of the receiver.',
        'Check the clock of the sender: `date -u`.',
        again,
      ],
    },
    tls_host_mismatch: {
      who: 'the operator of the receiver',
      means: 'The certificate of the receiver is for another host name.',
      remedies: [
        'Use the name of the certificate in `endpoint`.',
        'Or issue a certificate for the name that `endpoint` has.',
      ],
    },
    tls_failed: {
      means: 'The TLS handshake failed for another reason. Often the receiver wants a client certificate.',
      remedies: [
        'Read the message of the attempt: `taskhook deliveries get <id>`.',
        'If the receiver wants a client certificate, set `useSslClientCert`, `sslKeyFile` and `sslKeyPassword`.',
        'Check that something speaks TLS at this port: `openssl s_client -connect <host>:<port>`.',
      ],
    },
    response_invalid: {
      who: 'the operator of the receiver',
      means: 'The answer is not HTTP/1.1, or its headers are too large.',
      remedies: ['Check that `endpoint` leads to an HTTP server: `curl -v <endpoint>`.', again],
    },
    address_denied: {
      means:
        'The host has a private address, and `denyPrivateNetworks` is on. The sender connected to nothing.',
      remedies: [
        'If the receiver is in your own network, set `denyPrivateNetworks` to `false` for this endpoint.',
        'If a customer entered the URL, refuse it. It may be an attempt to reach your internal services.',
      ],
    },
    aborted: {
      who: 'no one, in most cases',
      means:
        'The sender ended the attempt itself, for example because it was stopped or an operator canceled the delivery.',
      remedies: [
        'A few of these are normal when a process stops. The delivery is sent again by the next process.',
        'If there are many, give `stop({ timeoutInMs })` more time than `responseTimeout`.',
      ],
    },
    network_error: {
      means: 'The attempt failed for a reason that has no code of its own.',
      remedies: ['Read the message of the attempt: `taskhook deliveries get <id>`.', probe, again],
    },
  },
)

type ReportCode = 'attempt_timeout' | 'attempt_threw' | 'commit_failed' | 'handler_crashed' | 'handler_failed'

/** Why an attempt failed that is a function: the handler of an inbox, or of an outbox without HTTP. */
export const reportErrors: Record<ReportCode, ErrorPage> = withCommon<ReportCode>(
  {
    source: '`errorCode` of an attempt of `@taskhook/outbox` or `@taskhook/inbox`',
    who: 'the developer of the handler',
  },
  {
    attempt_timeout: {
      means:
        'The attempt took longer than it may: `handlerTimeoutInMs` of an inbox, 60 seconds by default. Its `signal` was aborted. It is called again later.',
      remedies: [
        'Hand `signal` to what takes one: `fetch(url, { signal })`.',
        'If the work needs the time, set a longer `handlerTimeoutInMs`.',
      ],
    },
    attempt_threw: {
      means:
        'The attempt function of the outbox threw, or it resolved to no report. The delivery is tried again.',
      remedies: [
        'Look at the message and the stack of the cause.',
        'Return `{ outcome, durationInMs }` from the attempt.',
      ],
    },
    commit_failed: {
      who: 'the operator of the database',
      means:
        'The handler succeeded, but its transaction could not be committed. What it wrote is undone, and it is called again.',
      remedies: [
        'Look at the message of the attempt: it is what the database said.',
        'Check the disk space and the log of the database.',
      ],
    },
    handler_crashed: {
      means:
        'The process ended, or was taken for dead, during an attempt of this delivery three times in a row. The delivery was given up, so that the others go on.',
      remedies: [
        'Look for what ends the process: an uncaught exception, `process.exit`, memory. The log of the process manager has the time.',
        'If no process ended: look for what blocks its event loop for longer than `leaseInMs`, or keeps it from the database.',
        'Mend it, then resend: `taskhook deliveries resend <id>`.',
      ],
    },
    handler_failed: {
      means: 'The handler threw an error or rejected. It is called again later, as the retry schedule says.',
      remedies: [
        'Look at the message of the attempt: `taskhook deliveries get <id>`. The first failure of a minute is printed with its stack.',
        'Mend the handler. What is pending is handled by itself; what is `exhausted` needs `taskhook deliveries resend <id>`.',
      ],
    },
  },
)
