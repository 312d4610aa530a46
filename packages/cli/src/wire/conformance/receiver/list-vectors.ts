import type { ReceiverVector } from '@taskhook/contract'
import type { CliContext } from '../../../cli-context.ts'
import { toTable } from '../../../output/table.ts'

/** Prints the vectors, a line each. */
export function listVectors({ output }: CliContext, json: boolean, vectors: readonly ReceiverVector[]): void {
  if (json) {
    for (const { name, level, features, why, expected } of vectors) {
      const { outcome } = expected
      const status = outcome === 'refused' ? { status: expected.status } : {}
      output.printJson({ name, level, features, why, expected: { outcome, ...status } })
    }
    return
  }
  const rows = vectors.map(({ name, level, why }) => [level, name, why])
  for (const line of toTable(rows)) output.print(line)
  const publicKey = vectors
    .filter(({ features }) => features.includes('ed25519'))
    .flatMap(({ receiver }) => receiver.secrets)[0]
  if (publicKey !== undefined) output.note(`set the receiver up with this public key alone: ${publicKey}`)
}
