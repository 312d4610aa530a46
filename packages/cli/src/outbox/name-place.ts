import { printable } from '../output/printable.ts'

/** Where an outbox is, as it may be shown: a URL may have a password in it, and in more than one place. */
export function namePlace(url: string, schema: string): string {
  if (!URL.canParse(url) || !/^postgres(ql)?:\/\//.test(url)) return printable(url)
  const { host, pathname } = new URL(url)
  return printable(`${host}${pathname}, schema ${schema}`)
}
