/** The cause of a mismatch: what was found, and what to change. It contains no secret and no expected signature. */
export interface Cause {
  readonly code: CauseCode
  readonly found: string
  readonly fix: string
}

/** The codes of a {@link Cause}. They are stable: branch on them, not on the texts. */
export type CauseCode = keyof typeof causes

const rawBytes =
  'Verify the bytes as they arrived, before any JSON parser. In Express, mount the verification before express.json().'
const sameSecret = 'Give both sides the same secret, byte for byte.'

const causes = {
  secret_alternative: {
    found: 'The request was signed with another of the secrets that were given to try',
    fix: 'Set that secret on this side. During a rotation, list both: the current one first, then the previous one.',
  },
  secret_unset: {
    found: "The sender's secret was not set: the request was signed with a placeholder in place of a secret",
    fix: 'Set the secret on the sending side, and have the sender refuse to start without one.',
  },
  secret_whsec_raw: {
    found: 'The sender used the text of the whsec_ secret as the key, and did not decode it',
    fix: 'Have the sender decode what follows whsec_ from Base64 (Standard Webhooks). If it cannot, use a secret without whsec_ on both sides.',
  },
  secret_base64_decoded: {
    found: 'The sender decoded the secret from Base64; this side uses its text',
    fix: 'Write whsec_ before the secret on this side: the rest is then decoded from Base64.',
  },
  secret_hex_decoded: {
    found: 'The sender decoded the secret from hex; this side uses its text',
    fix: 'On this side, write the same bytes as whsec_ followed by their Base64.',
  },
  secret_hidden_characters: {
    found: 'The secret on this side has white space or invisible characters that the sender does not use',
    fix: 'Remove them: a line break at the end of a file and a blank from copying are the usual ones.',
  },
  secret_extra_characters: {
    found: "The sender's secret has a line break or a blank at its end that this side does not have",
    fix: 'Trim the secret where the sender reads it: files and `echo` end with a line break.',
  },
  secret_quotes: {
    found: 'One side has quotation marks around the secret, as part of it',
    fix: 'Remove the quotation marks where the environment or the .env file is read without a shell.',
  },
  secret_cut: {
    found: "The sender's secret is only a part of the one on this side",
    fix: 'Quote the secret where the sender sets it: shells replace $name, and .env files end at a # or a blank.',
  },
  secret_case: {
    found: 'The two secrets differ in upper and lower case only',
    fix: sameSecret as string,
  },
  secret_encoding: {
    found: 'The sender turned the characters of the secret into other bytes than UTF-8',
    fix: 'Have the sender use the UTF-8 bytes of the secret, or choose a secret of ASCII characters.',
  },
  secret_derived: {
    found: 'The sender used something made of the secret as the key: its Base64, its hex or its hash',
    fix: 'Have the sender use the UTF-8 bytes of the secret as the HMAC key.',
  },
  secret_joined: {
    found: 'The sender used the list of secrets as one secret',
    fix: 'Have the sender sign with the first secret of the list.',
  },
  json_whitespace: {
    found: 'The JSON was written anew with other white space after it was signed',
    fix: rawBytes as string,
  },
  json_key_order: {
    found: 'The JSON was written anew with its keys in another order after it was signed',
    fix: rawBytes as string,
  },
  json_escapes: {
    found: 'The JSON was written anew with other escapes in its strings after it was signed',
    fix: rawBytes as string,
  },
  json_numbers: {
    found: 'The JSON was written anew with its numbers in another form after it was signed',
    fix: rawBytes as string,
  },
  json_members: {
    found: 'A key was added to the JSON, or taken from it, after it was signed',
    fix: 'Find what changes the body between the sender and this side: a gateway, a proxy, a logging step.',
  },
  body_newline: {
    found: 'The body was signed with a line break at its end more, or less, than arrived',
    fix: 'Sign and send the same bytes. For a body that was stored in a file, editors add the line break: use `printf %s` or --data-binary.',
  },
  body_line_endings: {
    found: 'The line breaks of the body were changed between CRLF and LF after it was signed',
    fix: 'Send the body as binary: text mode and `curl --data` change line breaks.',
  },
  body_trimmed: {
    found: 'The white space around the body is not what was signed',
    fix: 'Sign and send the same bytes.',
  },
  body_bom: {
    found:
      'A byte order mark (EF BB BF) at the start of the body was signed and did not arrive, or the other way round',
    fix: 'Write the body in UTF-8 without a byte order mark, and do not decode it before it is verified.',
  },
  body_encoding: {
    found: 'The body was signed in another character encoding than it arrived in',
    fix: 'Sign the UTF-8 bytes that are sent, and verify the bytes that arrived without decoding them.',
  },
  body_unicode_form: {
    found: 'Accented characters were signed in another Unicode normalization form than they arrived in',
    fix: rawBytes as string,
  },
  body_cut: {
    found: 'The end of the body is missing',
    fix: 'Send the length in bytes, not in characters, as Content-Length; and read the stream to its end.',
  },
  body_longer: {
    found: 'More arrived than was signed: there are bytes before or after the signed body',
    fix: 'Cut the body at its Content-Length, and look for what adds to it.',
  },
  body_base64: {
    found: 'The body that is here is Base64 of the one that was signed',
    fix: 'Decode it before verifying: on AWS Lambda, when isBase64Encoded is true.',
  },
  body_compressed: {
    found: 'The body that is here is compressed, and the signature is of the decompressed one',
    fix: 'Sign the bytes that are sent, or decompress them before verifying.',
  },
  body_form: {
    found: 'The body that is here is form-encoded, and the signature is of the JSON in it',
    fix: 'Send the JSON as the body, with content-type application/json.',
  },
  body_json_string: {
    found: 'The body was put into a JSON string, or taken out of one, after it was signed',
    fix: 'Encode the JSON once: a string that is JSON already must not go through a JSON encoder.',
  },
  body_not_signed: {
    found: 'The sender signed an empty body or a placeholder, not what it sent',
    fix: 'Have the sender sign after the body is there: the stream was read already, or an object was signed in place of its JSON.',
  },
  message_standard: {
    found: 'X-Signature was made over id.timestamp.body, which is what webhook-signature signs',
    fix: 'X-Signature signs the body alone.',
  },
  message_body_only: {
    found: 'webhook-signature was made over the body alone',
    fix: 'webhook-signature signs id.timestamp.body: the id and the timestamp as in their headers, joined by dots.',
  },
  message_timestamp: {
    found: 'A timestamp or an id was signed together with the body, in another form than this signature has',
    fix: 'X-Signature signs the body alone; webhook-signature signs id.timestamp.body.',
  },
  message_other_timestamp: {
    found: 'The signed timestamp is not the one in webhook-timestamp',
    fix: 'Take the time once, in whole seconds, and use it for the header and for the signature.',
  },
  message_url: {
    found: 'The URL or its query was signed together with the body',
    fix: 'Sign the body alone: a proxy may change the URL.',
  },
  digest_plain_hash: {
    found: 'The signature is a plain hash of the body: there is no secret in it',
    fix: 'Make an HMAC-SHA256 with the secret as its key. A plain hash proves nothing: no secret is needed to make one.',
  },
  digest_secret_appended: {
    found: 'The signature is a hash of the secret and the body put together, not an HMAC',
    fix: 'Make an HMAC-SHA256 with the secret as its key (RFC 2104).',
  },
  digest_algorithm: {
    found: 'The signature was made with another hash function than SHA-256',
    fix: 'Make an HMAC-SHA256.',
  },
  digest_swapped: {
    found: 'The body was used as the HMAC key and the secret as the message',
    fix: 'Give the secret as the key and the body as the message.',
  },
  digest_hashed_twice: {
    found: 'A hash of the body was signed, or the signature was hashed once more',
    fix: 'Make one HMAC-SHA256 over the body itself.',
  },
  signature_encoding: {
    found: 'The signature is right, but was encoded twice: hex of Base64, or Base64 of hex',
    fix: 'Encode the 32 bytes of the signature once: ask the crypto library for bytes, then write them in hex.',
  },
  signature_decoration: {
    found: 'The signature is right, but its header has something around it',
    fix: 'X-Signature is the signature alone, with or without sha256= before it. webhook-signature is v1, followed by Base64.',
  },
  signature_several: {
    found: 'One of several signatures in the header is right',
    fix: 'Send one signature in X-Signature. During a rotation it is that of the current secret.',
  },
  signature_leading_zeros: {
    found: 'The signature is right, but zeros are missing from its hex',
    fix: 'Write each byte as two hex digits: a big integer or a byte by itself loses its leading zeros.',
  },
  signature_cut: {
    found: 'The signature is right as far as it goes, but its end is missing',
    fix: 'Send all 32 bytes: look for a column or a header that is too short.',
  },
  clock_off: {
    found: 'The clocks of the two sides do not agree, or the request is old',
    fix: 'Set both clocks by NTP. For a request that was recorded, verify as of then with --at.',
  },
  timestamp_milliseconds: {
    found: 'webhook-timestamp is in milliseconds',
    fix: 'Write whole seconds since 1970 into webhook-timestamp, and sign the same digits.',
  },
} as const

/** Every code there is. */
export const causeCodes: readonly CauseCode[] = Object.keys(causes) as CauseCode[]

/** Makes a cause of its code; `detail` says more exactly what was found. */
export function cause(code: CauseCode, detail?: string): Cause {
  const { found, fix } = causes[code]
  return { code, found: `${found}${detail === undefined ? '' : `: ${detail}`}.`, fix }
}
