import { channels, type ActionMessage } from '../channels.ts'
import { linkToDeliveries, linkToDelivery } from '../parts/links.ts'
import { formatDeliveryQuery } from '../filters/delivery-query.ts'
import { linkToJob } from '../pages/jobs.ts'
import type { PageContext } from '../pages/page.ts'
import type { ActionRequest } from './action-request.ts'
import { cancelAll } from './cancel-all.ts'
import { nameAction } from './name-action.ts'

/** Where to go after an action, relative; or why nothing was changed. */
export type ActionAnswer = { location: string } | { refusal: string }

/** Does what was asked for and confirmed, and tells the channel of it, with its actor. */
export async function runAction(
  request: ActionRequest,
  perSecond: number,
  { visitor: { actor }, jobs }: Pick<PageContext, 'visitor' | 'jobs'>,
): Promise<ActionAnswer> {
  const { source } = request

  function publish(message: Omit<ActionMessage, 'outbox' | 'actor' | 'action'>): void {
    const action = request.action.replace('-all', '') as ActionMessage['action']
    channels.action.publish({
      outbox: source.name,
      action,
      ...(actor !== undefined && { actor }),
      ...message,
    })
  }

  async function change(target: object, operation: () => Promise<boolean>): Promise<boolean> {
    try {
      const isChanged = await operation()
      publish({ ...target, changed: isChanged ? 1 : 0, outcome: 'done' })
      return isChanged
    } catch (error) {
      publish({ ...target, changed: 0, outcome: 'failed', error })
      throw error
    }
  }

  if ('filter' in request) {
    const { filter } = request
    const job = jobs.start(
      {
        title: nameAction(request),
        link: linkToDeliveries(source.name, filter),
        ...(actor !== undefined && { actor }),
      },
      async (signal, onProgress) => {
        if (request.action === 'cancel-all') return cancelAll(source, filter, { signal, onProgress })
        await source.deliveries.resendAll(filter, {
          perSecond,
          signal,
          onProgress: ({ resent, total }) => onProgress({ changed: resent, total }),
        })
      },
      ({ changed, state }, error) => {
        const outcome = state === 'stopped' || state === 'failed' ? state : 'done'
        const { outbox: _outbox, ...query } = Object.fromEntries(formatDeliveryQuery(source.name, filter))
        publish({ filter: query, changed, outcome, ...(error !== undefined && { error }) })
      },
    )
    return { location: linkToJob(job.id) }
  }

  if ('deliveryId' in request) {
    const { action, deliveryId } = request
    const isChanged = await change({ deliveryId }, () => source.deliveries[action](deliveryId))
    if (isChanged) return { location: `${linkToDelivery(source.name, deliveryId)}&did=${action}` }
    return {
      refusal:
        action === 'cancel'
          ? 'The delivery is not pending any more, so nothing was changed.'
          : 'The delivery is not known any more, so nothing was changed.',
    }
  }

  const { action, endpointId } = request
  const isChanged = await change({ endpointId }, () => source.endpoints[action](endpointId))
  return isChanged
    ? { location: './' }
    : { refusal: `No endpoint “${endpointId}” is known, so nothing was changed.` }
}
