/**
 * The URL that an endpoint's events are posted to. With a `key`, the path ends in a slash and the query ends in
 * `key=…`, percent-encoded. An existing query is kept unchanged. Without a `key`, the URL is unchanged. The
 * configuration's rules have checked both: the URL is absolute, and the key has no lone surrogates.
 *
 * @example
 * endpointUrl({ endpoint: 'http://www.example.org/automation', key: 'QueryParameterKey' }).href
 * // 'http://www.example.org/automation/?key=QueryParameterKey'
 */
export function endpointUrl({ endpoint, key }: { endpoint: string; key?: string }): URL {
  const url = new URL(endpoint)
  if (key === undefined) return url

  if (!url.pathname.endsWith('/')) url.pathname += '/'
  // Not searchParams.append(): it would write the whole query anew, "%20" as "+" for one.
  url.search = `${url.search}${url.search === '' ? '' : '&'}key=${encodeURIComponent(key)}`
  return url
}
