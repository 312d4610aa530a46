/** A request as a command for a POSIX shell. The address stands in `$ENDPOINT`: an outbox does not know it. */
export function toCurl(headers: readonly (readonly [name: string, value: string])[], body: string): string {
  const lines = [
    'curl --include "$ENDPOINT"',
    ...headers.map(([name, value]) => `--header ${quote(`${name}: ${value}`)}`),
    `--data-raw ${quote(body)}`,
  ]
  return lines.join(' \\\n  ')
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
