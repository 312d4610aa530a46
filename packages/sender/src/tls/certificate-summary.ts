import type { X509Certificate } from 'node:crypto'

/** What an operator wants to know of a certificate. */
export interface CertificateSummary {
  /** Whom it names: its common name, else the whole subject, else its first alternative name. */
  subject: string
  /** Who issued it, in the same form. */
  issuer: string
  validFrom: Date
  /** When it expires. */
  validTo: Date
  /** SHA-256 of the certificate, hex in pairs, as `openssl x509 -fingerprint -sha256` prints it. */
  fingerprint: string
}

/** Reads it from a certificate. */
export function summarizeCertificate(certificate: X509Certificate): CertificateSummary {
  return {
    subject: nameFrom(certificate.subject) ?? certificate.subjectAltName?.split(', ')[0] ?? '',
    issuer: nameFrom(certificate.issuer) ?? '',
    validFrom: new Date(certificate.validFrom),
    validTo: new Date(certificate.validTo),
    fingerprint: certificate.fingerprint256,
  }
}

// Typed as a string, and undefined for a certificate with an empty name.
function nameFrom(name: string | undefined): string | undefined {
  if (!name) return undefined
  return /^CN=(.+)$/m.exec(name)?.[1] ?? name.replaceAll('\n', ', ')
}
