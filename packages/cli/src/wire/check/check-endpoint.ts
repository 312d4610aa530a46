import { TaskhookError } from '@taskhook/core'
import { listCertificates, probeEndpoint, type CertificateSummary } from '@taskhook/sender'
import type { Section } from '../secret/find-section.ts'
import type { EndpointCheck, Finding } from './finding.ts'

/** What {@link checkEndpoint} goes by. */
export interface CheckOptions {
  connect: boolean
  /** Milliseconds since 1970. */
  now: number
  expiresWithinInMs: number
}

const fewestSecretCharacters = 16

/** Checks one section that is valid as far as its rules go. */
export async function checkEndpoint(
  section: Section,
  { connect, ...clock }: CheckOptions,
): Promise<EndpointCheck> {
  const { id, endpoint, enabled } = section
  const check: EndpointCheck = {
    ...(id !== undefined && { endpointId: id }),
    enabled,
    findings: listWarnings(section),
    certificates: [],
  }
  if (endpoint === undefined) return check
  const { origin, pathname } = new URL(endpoint)
  check.url = `${origin}${pathname}`
  try {
    for (const { use, subject, issuer, validFrom, validTo, file } of await listCertificates(section)) {
      check.certificates.push({ use, subject, issuer, validFrom, validTo, file })
      const name = use === 'client' ? 'the client certificate' : 'the trusted certificate'
      check.findings.push(
        ...checkDates({ subject, validFrom, validTo }, `${name} "${subject}" in ${file}`, clock),
      )
    }
    if (connect) {
      const probe = await probeEndpoint(section)
      check.connection = probe
      if (probe.reached) {
        const shown = probe.tls?.certificate
        // With useSslTrustAll an expired one is accepted all the same.
        if (shown)
          check.findings.push(...checkDates(shown, `the receiver's certificate "${shown.subject}"`, clock))
      } else {
        check.findings.push({ level: 'error', code: probe.errorCode, message: probe.errorMessage })
      }
    }
  } catch (error) {
    if (!TaskhookError.isInstance(error)) throw error
    check.findings.push({ level: 'error', code: error.code, message: error.message })
  }
  return check
}

function listWarnings({ enabled, endpoint, secret, useSslTrustAll }: Section): Finding[] {
  const warnings: Finding[] = []
  const warn = (code: string, message: string): void =>
    void warnings.push({ level: 'warning', code, message })
  if (!enabled) warn('not_enabled', 'enabled is false: nothing is sent')
  const secrets = [secret ?? []].flat()
  if (secrets.length === 0) warn('not_signed', 'there is no secret: a receiver cannot tell who sends')
  for (const one of secrets) {
    if (one !== one.trim()) warn('secret_with_blanks', 'a secret has white space around it')
    else if (one.length < fewestSecretCharacters) {
      warn('secret_short', `a secret has fewer than ${fewestSecretCharacters} characters: it can be guessed`)
    }
  }
  if (endpoint?.startsWith('http:') && !isLoopback(endpoint)) {
    warn('not_encrypted', 'the endpoint is http: every machine on the way can read what is sent')
  }
  if (endpoint?.startsWith('https:') && useSslTrustAll) {
    warn('trusts_all', 'useSslTrustAll is true, its default: the certificate of the receiver is not verified')
  }
  return warnings
}

function isLoopback(endpoint: string): boolean {
  return /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(new URL(endpoint).hostname)
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10)
}

function checkDates(
  { validFrom, validTo }: Pick<CertificateSummary, 'subject' | 'validFrom' | 'validTo'>,
  name: string,
  { now, expiresWithinInMs }: Omit<CheckOptions, 'connect'>,
): Finding[] {
  if (validTo.getTime() <= now) {
    return [{ level: 'error', code: 'certificate_expired', message: `${name} expired on ${day(validTo)}` }]
  }
  if (validFrom.getTime() > now) {
    return [
      {
        level: 'error',
        code: 'certificate_not_yet_valid',
        message: `${name} is valid from ${day(validFrom)}`,
      },
    ]
  }
  if (validTo.getTime() <= now + expiresWithinInMs) {
    return [{ level: 'warning', code: 'certificate_expires', message: `${name} expires on ${day(validTo)}` }]
  }
  return []
}
