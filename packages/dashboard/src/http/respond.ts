import type { Html } from '../html.ts'

// No inline script or style, nothing from elsewhere, in no frame. `connect-src` is for the live updates.
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': contentSecurityPolicy,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  // Not no-referrer: browsers send `Origin: null` with a form then (Fetch, section 3.2).
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

/**
 * A response with the headers that all responses have. Browsers and proxies must not store it, unless `headers` say
 * otherwise.
 */
export function respond(
  status: number,
  body: string | ReadableStream<Uint8Array> | null,
  headers: Record<string, string> = {},
): Response {
  return new Response(body, {
    status,
    headers: { 'cache-control': 'no-store', ...securityHeaders, ...headers },
  })
}

/** A page. */
export function respondWithPage(page: Html, status = 200): Response {
  return respond(status, page.markup, { 'content-type': 'text/html; charset=utf-8' })
}

/** Sends the browser to another address, relative to the one that it has asked for, by GET. */
export function redirect(location: string): Response {
  return respond(303, null, { location })
}
