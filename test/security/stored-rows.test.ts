import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { acceptInto, createVerifier } from '@taskhook/core'
import { signedRequest } from '@taskhook/core/testing'
import { createInbox } from '@taskhook/inbox'
import { createSender, parseConfig } from '@taskhook/sender'
import { expect, onTestFinished, test } from 'vitest'

const secret = 'a secret that no file may hold'

test('neither an inbox nor an outbox stores a secret or a signature', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'taskhook-rows-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const { headers, url, body } = signedRequest({ secret, taskId: 'a task that is stored' })

  await using inbox = await createInbox({ store: `sqlite:${folder}/inbox.db`, handler: async () => {} })
  // A function that finds the secret gives its holder a name, which is stored.
  const verifier = createVerifier({ secret: () => [secret, 'another one'] })
  const answer = await verifier.handle({ headers, url, body: Buffer.from(body) }, acceptInto(inbox))
  expect(answer.status).toBe(202)
  const webHook = parseConfig({ enabled: true, endpoint: 'http://127.0.0.1:9/automation', secret })
  await using sender = await createSender({ webHook, outbox: `sqlite:${folder}/outbox.db` })
  await sender.send({ taskId: 'a task that is stored', eventType: 'OrderSigned' })

  const files = await readdir(folder)
  const stored = await Promise.all(files.map((file) => readFile(path.join(folder, file), 'latin1')))
  const text = stored.join('\n')
  expect(text).toContain('a task that is stored')
  for (const hidden of [secret, headers['x-signature'], headers['webhook-signature']?.slice(3)]) {
    expect(hidden).toBeTypeOf('string')
    expect(text).not.toContain(hidden)
  }
})
