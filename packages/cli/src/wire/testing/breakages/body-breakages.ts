import { gzipSync } from 'node:zlib'
import type { CauseCode } from '../../explain/causes.ts'
import { base64, changed, rich, type Breakage } from './breakage.ts'

/** Requests that are refused for a cause in the body. */
export const bodyBreakages: Partial<Record<CauseCode, readonly Breakage[]>> = {
  body_newline: [
    changed((body) => `${body}\n`),
    changed(
      (body) => body,
      (body) => `${body}\r\n`,
    ),
  ],
  body_line_endings: [
    changed(
      (body) => body.replace(',', ',\r\n'),
      (body) => body.replace(',', ',\n'),
    ),
    changed(
      (body) => body.replace(',', ',\n'),
      (body) => body.replace(',', ',\r\n'),
    ),
  ],
  body_trimmed: [
    changed(
      (body) => body,
      (body) => `  ${body}\t`,
    ),
    changed((body) => `${body} `),
  ],
  body_bom: [
    changed((body) => `\uFEFF${body}`),
    changed(
      (body) => body,
      (body) => `\uFEFF${body}`,
    ),
  ],
  body_encoding: [
    changed((body) => Buffer.from(body, 'latin1')),
    changed((body) => Buffer.from(body, 'utf16le')),
    changed(
      (body) => body,
      (body) => Buffer.from(body, 'utf16le'),
    ),
    changed(
      (body) => body,
      (body) => Buffer.from(body, 'latin1'),
    ),
    changed((body) => Buffer.from(Buffer.from(body).toString('latin1'))),
    changed(
      (body) => body,
      (body) => Buffer.from(Buffer.from(body).toString('latin1')),
    ),
    changed((body) => body.replaceAll(/[éü]/g, '?')),
  ],
  body_unicode_form: [
    changed((body) => body.normalize('NFD')),
    changed(
      (body) => body,
      (body) => body.normalize('NFD'),
    ),
  ],
  body_cut: [
    changed(
      (body) => body,
      (body) => body.slice(0, -2),
    ),
    changed(
      (body) => body,
      (body) => Buffer.from(body).subarray(0, -5),
    ),
    changed(
      () => rich,
      () => rich.slice(0, -1),
    ),
  ],
  body_longer: [
    changed(
      (body) => body,
      (body) => `${body}&more=1`,
    ),
    changed(
      (body) => body,
      (body) => `5\r\n${body}`,
    ),
  ],
  body_base64: [changed((body) => body, base64)],
  body_compressed: [
    changed(
      (body) => body,
      (body) => gzipSync(body),
    ),
  ],
  body_form: [
    changed(
      (body) => body,
      (body) => `payload=${encodeURIComponent(body)}`,
    ),
    changed(
      (body) => body,
      (body) => new URLSearchParams({ data: body }).toString(),
    ),
  ],
  body_json_string: [
    changed(
      (body) => body,
      (body) => JSON.stringify(body),
    ),
    changed((body) => JSON.stringify(body)),
  ],
  body_not_signed: [changed(() => ''), changed(() => '[object Object]'), changed(() => '{}')],
}
