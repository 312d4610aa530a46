/** What an attempt that failed tells: what happened, and what to do. */
export interface Failure {
  what: string
  remedy: string
}

/** What is known of the attempt. */
export interface FailedAttempt {
  status?: number | undefined
  errorCode?: string | undefined
}

const mendReceiver = 'Look at the logs of the receiver for the time of this attempt. Resend when it works.'

const byErrorCode: Readonly<Record<string, Failure>> = {
  connection_timeout: {
    what: 'There was no connection to the receiver in time.',
    remedy: 'Check host and port of the endpoint, firewalls on the way, and that the receiver runs.',
  },
  response_timeout: {
    what: 'The receiver did not answer in time.',
    remedy: 'Let the receiver answer first and work later, as an inbox does, or raise "responseTimeout".',
  },
  connection_refused: {
    what: 'Nothing listens at the host and port of the endpoint.',
    remedy: 'Check that the receiver runs, and host and port of the endpoint.',
  },
  connection_reset: {
    what: 'The connection ended before the answer was complete.',
    remedy:
      'Check that the receiver, or a proxy before it, was not restarted. If it speaks TLS, write https:// in the endpoint.',
  },
  network_unreachable: {
    what: 'There is no route to the host.',
    remedy: 'Check the network between this machine and the receiver.',
  },
  dns_not_found: { what: 'The host name does not exist.', remedy: 'Check the host of the endpoint.' },
  dns_failed: {
    what: 'The host name could not be looked up.',
    remedy: 'Check the name servers of this machine. It is tried again.',
  },
  tls_untrusted: {
    what: "The receiver's certificate comes from no trusted authority.",
    remedy: 'Put the certificate of the authority that issued it into "sslTrustFile".',
  },
  tls_certificate_expired: {
    what: "The receiver's certificate is expired, or not valid yet.",
    remedy: "Renew it; if it is valid, check this machine's clock.",
  },
  tls_host_mismatch: {
    what: "The receiver's certificate is for another host.",
    remedy: 'Write a host into the endpoint that the certificate is for.',
  },
  tls_failed: {
    what: 'The TLS handshake failed.',
    remedy: 'If the receiver wants a client certificate, set "useSslClientCert" and "sslKeyFile".',
  },
  response_invalid: {
    what: 'The answer is not HTTP/1.1, or its headers are too large.',
    remedy: 'Check that the port speaks HTTP. If it speaks TLS, write https:// in the endpoint.',
  },
  address_denied: {
    what: 'The address is private, and private networks are denied.',
    remedy: 'If the receiver is meant to be there, set "denyPrivateNetworks" to false.',
  },
  aborted: {
    what: 'The attempt was ended on this side, as the process stopped or lost its right to the line.',
    remedy: 'Nothing is to be done: it is attempted again.',
  },
  network_error: { what: 'The network failed.', remedy: 'See the message of the attempt.' },
  handler_failed: {
    what: 'The handler threw an error.',
    remedy: 'Mend what the message says, and resend.',
  },
  handler_timeout: {
    what: 'The handler did not end in time.',
    remedy: 'Find out what it waits for, or raise "handlerTimeoutInMs".',
  },
  handler_crashed: {
    what: 'The process died while the handler ran, several times.',
    remedy: 'Look at the crash reports of the process. Resend when the handler is mended.',
  },
}

const byStatus: Readonly<Record<number, Failure>> = {
  400: { what: 'The receiver takes the request for malformed.', remedy: mendReceiver },
  401: {
    what: 'The receiver refuses the signature, or the key.',
    remedy:
      'Both sides need the same "secret" and "key", and clocks that agree. "taskhook verify --explain" tells the cause.',
  },
  403: {
    what: 'The receiver refuses the request.',
    remedy: 'Both sides need the same "secret" and "key". See what a proxy before the receiver refuses.',
  },
  404: {
    what: 'The receiver has nothing at the path of the endpoint.',
    remedy: 'Check the path. With a "key" it ends in a slash, and the route of the receiver must take it so.',
  },
  405: { what: 'The route of the receiver does not take POST.', remedy: 'Let the route take POST.' },
  408: { what: 'The receiver waited for too long for the request.', remedy: 'It is tried again.' },
  409: { what: 'The receiver handles the same delivery already.', remedy: 'It is tried again.' },
  410: {
    what: 'The receiver wants nothing more, so the endpoint is paused.',
    remedy:
      'Resume the endpoint when the receiver takes webhooks again, or take it out of the configuration.',
  },
  413: { what: 'The receiver takes only smaller bodies.', remedy: 'Let its limit be 64 KiB.' },
  415: { what: 'The receiver does not take this content type.', remedy: 'Let it take application/json.' },
  429: { what: 'The receiver has too much to do.', remedy: 'It is tried again later, and more slowly.' },
}

/** What happened in an attempt that failed, and what to do. */
export function describeFailure({ status, errorCode }: FailedAttempt): Failure {
  const known =
    (errorCode !== undefined && byErrorCode[errorCode]) || (status !== undefined && byStatus[status])
  if (known) return known
  if (errorCode !== undefined)
    return { what: `It failed with ${errorCode}.`, remedy: 'See the message of the attempt.' }
  if (status === undefined) return { what: 'It failed.', remedy: mendReceiver }
  if (status >= 300 && status <= 399) {
    return {
      what: `The receiver answered with a redirect (${status}), and those are not followed.`,
      remedy: 'Set the endpoint to where the receiver takes webhooks.',
    }
  }
  if (status >= 500) return { what: `The receiver failed with status ${status}.`, remedy: mendReceiver }
  return { what: `The receiver refused it with status ${status}.`, remedy: mendReceiver }
}
