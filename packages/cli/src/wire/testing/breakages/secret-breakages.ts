import { createHash } from 'node:crypto'
import type { CauseCode } from '../../explain/causes.ts'
import { base64, hash, keyed, whsec, type Breakage } from './breakage.ts'

/** Requests that are refused for a cause in the secret. */
export const secretBreakages: Partial<Record<CauseCode, readonly Breakage[]>> = {
  secret_alternative: [
    (one) => ({ ...keyed(() => 'the other')(one), otherSecrets: ['a third', 'the other'] }),
    (one) => ({ ...keyed(() => 'the other\n')(one), otherSecrets: ['the other'] }),
  ],
  secret_unset: [keyed(() => 'undefined'), keyed(() => ''), keyed(() => 'null')],
  secret_whsec_raw: [keyed(whsec, whsec), keyed((one) => whsec(one).slice(6), whsec)],
  secret_base64_decoded: [
    keyed(
      ({ secret }) => secret,
      ({ secret }) => base64(secret),
    ),
  ],
  secret_hex_decoded: [
    keyed(
      ({ secret }) => secret,
      ({ secret }) => Buffer.from(secret).toString('hex'),
    ),
  ],
  secret_hidden_characters: [
    keyed(
      ({ secret }) => secret,
      ({ secret }) => ` ${secret}`,
    ),
    keyed(
      ({ secret }) => secret,
      ({ secret }) => `${secret.slice(0, 3)}\u200B${secret.slice(3)}`,
    ),
    keyed(
      ({ secret }) => secret,
      ({ secret }) => `\uFEFF${secret}\n`,
    ),
  ],
  secret_extra_characters: [keyed(({ secret }) => `${secret}\n`), keyed(({ secret }) => `${secret}\r\n`)],
  secret_quotes: [
    keyed(({ secret }) => `"${secret}"`),
    keyed(
      ({ secret }) => secret,
      ({ secret }) => `'${secret}'`,
    ),
  ],
  secret_cut: [
    keyed(
      ({ secret }) => secret,
      ({ secret }) => `${secret}$name`,
    ),
    keyed(
      ({ secret }) => secret,
      ({ secret }) => `${secret}#rest`,
    ),
    keyed(({ secret }) => secret.slice(0, 8)),
  ],
  secret_case: [keyed(({ secret }) => secret.toLowerCase()), keyed(({ secret }) => secret.toUpperCase())],
  secret_encoding: [
    keyed(({ secret }) => Buffer.from(secret, 'latin1')),
    keyed(({ secret }) => Buffer.from(secret, 'utf16le')),
    keyed(({ secret }) => secret.normalize('NFD')),
  ],
  secret_derived: [
    keyed(({ secret }) => base64(secret)),
    keyed(({ secret }) => hash(secret)),
    keyed(({ secret }) => createHash('sha256').update(secret).digest()),
  ],
  secret_joined: [
    (one) => ({ ...keyed(({ secret }) => `${secret},old`)(one), secrets: [one.secret, 'old'] }),
  ],
}
