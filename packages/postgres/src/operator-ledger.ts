import type { OperatorLedger } from '@taskhook/outbox/ledger'
import type { LedgerContext } from './ledger-context.ts'
import { prepareCancel } from './sql/cancel.ts'
import { prepareCountDeliveries } from './sql/count-deliveries.ts'
import { prepareGetDelivery } from './sql/get-delivery.ts'
import { prepareListDeliveries } from './sql/list-deliveries.ts'
import { prepareListEndpoints } from './sql/list-endpoints.ts'
import { prepareListOutcomes } from './sql/list-outcomes.ts'
import type { OutcomeNotes } from './sql/outcome-notes.ts'
import { preparePauseEndpoint } from './sql/pause-endpoint.ts'
import { prepareReadTime } from './sql/read-time.ts'
import { prepareReadVersion } from './sql/read-version.ts'
import { prepareResend } from './sql/resend.ts'
import { prepareResumeEndpoint } from './sql/resume-endpoint.ts'
import type { Work } from './work.ts'

/** The operators' part of the ledger. */
export function createOperatorLedger(
  context: LedgerContext,
  { work: { run }, notes }: { work: Work; notes: OutcomeNotes },
): OperatorLedger {
  const listDeliveries = prepareListDeliveries(context)
  const countDeliveries = prepareCountDeliveries(context)
  const getDelivery = prepareGetDelivery(context)
  const resend = prepareResend(context)
  const cancel = prepareCancel(context)
  const listEndpoints = prepareListEndpoints(context)
  const listOutcomes = prepareListOutcomes(context)
  const pauseEndpoint = preparePauseEndpoint(context)
  const readTime = prepareReadTime(context)
  const readVersion = prepareReadVersion(context)
  const resumeEndpoint = prepareResumeEndpoint(context)

  return {
    listDeliveries: (filter, page) => run(() => listDeliveries(filter, page)),
    countDeliveries: (filter, limit) => run(() => countDeliveries(filter, limit)),
    getDelivery: (id) => run(() => getDelivery(id)),
    resend: (id) => run(() => resend(id)),
    cancel: (id) => run(() => cancel(id)),
    listEndpoints: (ids, request) => run(() => notes.flush().then(() => listEndpoints(ids, request))),
    listOutcomes: (from) => run(() => notes.flush().then(() => listOutcomes(from))),
    pauseEndpoint: (id) => run(() => pauseEndpoint(id)),
    resumeEndpoint: (id) => run(() => resumeEndpoint(id)),
    readVersion: () => run(readVersion),
    readTime: () => run(readTime),
  }
}
