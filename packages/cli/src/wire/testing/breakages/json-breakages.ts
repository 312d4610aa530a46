import type { CauseCode } from '../../explain/causes.ts'
import { changed, rich, python, type Breakage } from './breakage.ts'

/** Requests that are refused for a cause in JSON that was written anew. */
export const jsonBreakages: Partial<Record<CauseCode, readonly Breakage[]>> = {
  json_whitespace: [
    changed((body) => JSON.stringify(JSON.parse(body), null, 2)),
    changed((body) => JSON.stringify(JSON.parse(body), null, '\t')),
    changed((body) => body.replaceAll(',"', ', "').replaceAll('":', '": ')),
    changed(
      () => python,
      () => rich,
    ),
    changed(
      () => rich,
      () => python,
    ),
  ],
  json_key_order: [
    changed((body) => {
      const { orderId, eventType, taskId } = JSON.parse(body) as Record<string, string>
      return JSON.stringify({ taskId, orderId, eventType })
    }),
    changed(
      () => '{"a":1,"b":{"c":2,"d":3}}',
      () => '{"b":{"d":3,"c":2},"a":1}',
    ),
  ],
  json_escapes: [
    changed((body) => body.replaceAll('/', String.raw`\/`)),
    changed(
      (body) => body.replaceAll('é', String.raw`\u00e9`),
      (body) => body.replaceAll('ü', 'x'),
    ),
    changed(
      () => String.raw`{"a":"\u003cb\u003e \u0026"}`,
      () => '{"a":"<b> &"}',
    ),
    changed(
      () => String.raw`{"a":"\u0022\u00E9\u002B"}`,
      () => String.raw`{"a":"\"é+"}`,
    ),
    changed(
      () => String.raw`{"a":"\ud83d\ude00"}`,
      () => '{"a":"\u{1F600}"}',
    ),
  ].map((breakage) => (one) => breakage({ ...one, body: one.body.replaceAll('ü', 'x') })),
  json_numbers: [
    changed(
      () => '{"n":1.0}',
      () => '{"n":1}',
    ),
    changed(
      () => '{"n":1.50,"m":2.00}',
      () => '{"n":1.5,"m":2}',
    ),
    changed(
      () => '{"n":100000000000000000000000}',
      () => '{"n":1e+23}',
    ),
    changed(
      () => '{"n":1e+23}',
      () => '{"n":100000000000000000000000}',
    ),
  ],
  json_members: [
    changed(
      (body) => body.replace(/"orderId":"[^"]*",/, ''),
      (body) => body,
    ),
    changed(
      (body) => body,
      (body) => body.replace(/,"taskId":"[^"]*"/, ''),
    ),
  ],
}
