import type { Source } from '../sources/source.ts'

/** The outbox of a name; the first one when none is said; `undefined` when there is none of that name. */
export function findSource(sources: readonly Source[], name: string | null | undefined): Source | undefined {
  return name === null || name === undefined || name === ''
    ? sources[0]
    : sources.find((one) => one.name === name)
}
