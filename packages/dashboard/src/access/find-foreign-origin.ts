/**
 * Why a change was not requested by a page of this dashboard; `undefined` if it was. Browsers send `Sec-Fetch-Site` if
 * the page came over HTTPS or from this machine (W3C Fetch Metadata Request Headers, section 2), and `Origin` with
 * every POST (Fetch, section 3.2). Each of them that is present must be right, and at least one must be present. A
 * request without both does not come from a browser that is known to keep other sites out.
 */
export function findForeignOrigin({ headers, url }: Request): string | undefined {
  const site = headers.get('sec-fetch-site')
  const origin = headers.get('origin')
  if (site !== null && site !== 'same-origin') return `Sec-Fetch-Site is ${site}, and must be same-origin`
  if (origin !== null && !isOwnHost(origin, url, headers)) return 'Origin is that of another site'
  if (site === null && origin === null) return 'Neither Sec-Fetch-Site nor Origin was sent'
  return undefined
}

// By host, since a proxy that ends TLS makes https into http. It passes the host on, or says it in X-Forwarded-Host, a header that no other
// site can make a browser send without asking first.
function isOwnHost(origin: string, url: string, headers: Headers): boolean {
  const host = URL.parse(origin)?.host
  if (host === undefined || host === '') return false
  const forwarded = headers.get('x-forwarded-host')?.split(',')[0]?.trim()
  return [URL.parse(url)?.host, headers.get('host'), forwarded].some(
    (own) => own !== undefined && own !== null && sameHost(own, host),
  )
}

// One of them may have the default port written out.
function sameHost(a: string, b: string): boolean {
  return withoutDefaultPort(a) === withoutDefaultPort(b)
}

function withoutDefaultPort(host: string): string {
  return host.toLowerCase().replace(/:(?:80|443)$/, '')
}
