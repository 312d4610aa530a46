let isGiven = false

/**
 * Warns once in a process that servers are not verified. `useSslTrustAll` is on by default, as the specification has
 * it, "to get started and for test". Nothing else would remind an operator of it in production.
 */
export function warnOfTrustAll(): void {
  if (isGiven) return
  isGiven = true
  process.emitWarning(
    'useSslTrustAll is on, its default: any server certificate is accepted, so any machine on the way can read and ' +
      'answer the webhooks. Set useSslTrustAll to false, and sslKeyFile or sslTrustFile if the authority is your own.',
    { type: 'TaskhookWarning', code: 'TASKHOOK_TLS_TRUST_ALL' },
  )
}
