/**
 * Where an endpoint is posted to. With a `key` the path ends in a slash and the query in `key=…`, percent-encoded;
 * a query that is there already is kept as it is written. Without one the URL is left alone.
 *
 * Both are taken to be valid, as the configuration's rules see to: an absolute URL, a key without lone surrogates.
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
