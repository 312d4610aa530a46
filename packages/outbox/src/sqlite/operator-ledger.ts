import type { OperatorLedger } from '../ledger.ts'
import type { LedgerAccess } from './ledger-access.ts'
import { prepareCancel } from './sql/cancel.ts'
import { prepareCountDeliveries } from './sql/count-deliveries.ts'
import { prepareGetDelivery } from './sql/get-delivery.ts'
import { prepareListDeliveries } from './sql/list-deliveries.ts'
import { prepareListEndpoints } from './sql/list-endpoints.ts'
import { prepareListOutcomes } from './sql/list-outcomes.ts'
import { preparePauseEndpoint } from './sql/pause-endpoint.ts'
import { prepareReadVersion } from './sql/read-version.ts'
import { prepareResend } from './sql/resend.ts'
import { prepareResumeEndpoint } from './sql/resume-endpoint.ts'

/** What operators call. */
export function createOperatorLedger({ context, change, look }: LedgerAccess): OperatorLedger {
  const listDeliveries = prepareListDeliveries(context)
  const countDeliveries = prepareCountDeliveries(context)
  const getDelivery = prepareGetDelivery(context)
  const resend = prepareResend(context)
  const cancel = prepareCancel(context)
  const listEndpoints = prepareListEndpoints(context)
  const listOutcomes = prepareListOutcomes(context)
  const pauseEndpoint = preparePauseEndpoint(context)
  const readVersion = prepareReadVersion(context)
  const resumeEndpoint = prepareResumeEndpoint(context)

  return {
    listDeliveries: (filter, page) => look(() => listDeliveries(filter, page)),
    countDeliveries: (filter, limit) => look(() => countDeliveries(filter, limit)),
    getDelivery: (id) => look(() => getDelivery(id)),
    resend: (id) => change(() => resend(id)),
    cancel: (id) => change(() => cancel(id)),
    listEndpoints: (ids, request) => look(() => listEndpoints(ids, request)),
    listOutcomes: (from) => look(() => listOutcomes(from)),
    pauseEndpoint: (id) => change(() => pauseEndpoint(id)),
    resumeEndpoint: (id) => change(() => resumeEndpoint(id)),
    readVersion: () => look(readVersion),
    readTime: () => look(context.now),
  }
}
