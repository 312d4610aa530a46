import { webhookErrorStatuses } from '@taskhook/core'
import { attemptErrors, reportErrors } from './attempt-errors.ts'
import { commandErrors } from './command-errors.ts'
import { configErrors, keyStoreErrors } from './config-errors.ts'
import type { ErrorPage } from './error-page.ts'
import { closedErrors, outboxErrors } from './outbox-errors.ts'
import { receiverErrors } from './receiver-errors.ts'

/** Codes that belong together, under the title that the list of all codes has for them. */
export interface ErrorGroup {
  readonly title: string
  readonly pages: Readonly<Record<string, ErrorPage>>
}

/** Every code of every package. The compiler sees that none is missing: each table is a record over its codes. */
export const errorGroups: readonly ErrorGroup[] = [
  { title: 'A receiver refuses a request', pages: withStatuses() },
  { title: 'An attempt of a sender has no complete answer', pages: attemptErrors },
  { title: 'A handler or an attempt function fails', pages: reportErrors },
  { title: 'An outbox or inbox cannot do what was asked', pages: outboxErrors },
  { title: 'The configuration of a sender cannot be used', pages: configErrors },
  { title: 'A key store cannot be used', pages: keyStoreErrors },
  { title: 'A sender is closed', pages: closedErrors },
  { title: 'The command cannot do what was asked', pages: commandErrors },
]

function withStatuses(): Record<string, ErrorPage> {
  const statuses: Readonly<Record<string, number>> = webhookErrorStatuses
  return Object.fromEntries(
    Object.entries(receiverErrors).map(([code, page]) => [
      code,
      { ...page, answer: `HTTP status ${statuses[code]}` },
    ]),
  )
}
