/** A receiver whose handlers write to a database, within the transaction that settles their delivery; one in ten fails. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createVerifier } from '@taskhook/core'
import { endWithParent, optionsFromParent, tellParent } from '../parent.ts'
import { seededRandom } from '../seeded-random.ts'
import { openEffects } from './effects.ts'

/** Where it writes, and what decides which handlers fail. */
export interface DedupingProcessOptions {
  database: string
  claimInMs: number
  secret: string
  seed: number
}

const { database, claimInMs, secret, seed } = optionsFromParent<DedupingProcessOptions>()
const random = seededRandom(seed)
const { dedupe, write } = openEffects(database, claimInMs)
const verifier = createVerifier({ secret, dedupe })

const server = createServer((request, response) => {
  const { headers, url = '/' } = request
  void verifier
    .handle(
      { headers, url, body: request },
      (webhook) => write(webhook, random() < 0.1),
      // The sender is told, and tries again.
      { onError: () => {} },
    )
    .then(({ status, headers: given, body }) => response.writeHead(status, given).end(body))
})
server.listen(0, '127.0.0.1', () => {
  tellParent({ kind: 'listening', port: (server.address() as AddressInfo).port })
})
endWithParent()
