import { channels, type DeliveryMessage, type OutboxMessages } from '../../channels.ts'
import type { DeliveryFacts, Notice, NoticeSource } from './notice.ts'

/** What {@link createOutboxNotices} needs. */
export interface OutboxNoticesOptions {
  /** The outbox whose notices are made. The channels carry the messages of all outboxes in the process. */
  outboxId: string
  /** Milliseconds since 1970. */
  now: () => number
}

/**
 * The notices of one outbox, from the channels. A ledger that keeps failing is reported once, until it works again.
 */
export function createOutboxNotices({ outboxId, now }: OutboxNoticesOptions): NoticeSource {
  return (listener) => {
    let isFailing = false

    function on<Name extends keyof OutboxMessages>(
      name: Name,
      toNotices: (message: OutboxMessages[Name]) => Notice[],
    ): () => void {
      const hear = (message: unknown): void => {
        const own = message as OutboxMessages[Name]
        if (own.outboxId !== outboxId) return
        for (const notice of toNotices(own)) listener(notice)
      }
      channels[name].subscribe(hear)
      return () => {
        channels[name].unsubscribe(hear)
      }
    }

    function recovered(): Notice[] {
      if (!isFailing) return []
      isFailing = false
      return [{ kind: 'ledger-recovered' }]
    }

    const ends = [
      on('enqueued', (message) => [{ kind: 'accepted', ...toFacts(message) }]),
      on('attempted', ({ try: number, report, retryInMs, ...message }) => [
        ...recovered(),
        {
          kind: 'attempted',
          ...toFacts(message),
          number,
          result: report,
          ...(retryInMs !== undefined && { nextAttemptAt: now() + retryInMs }),
        },
      ]),
      on('exhausted', (message) => [{ kind: 'exhausted', ...toFacts(message) }]),
      on('held', (message) => [{ kind: 'exhausted', isHeld: true, ...toFacts(message) }]),
      on('gone', ({ endpointId }) => [{ kind: 'gone', endpointId }]),
      on('circuitOpened', ({ endpointId, forInMs }) => [
        { kind: 'circuit-opened', endpointId, until: now() + forInMs },
      ]),
      on('circuitClosed', ({ endpointId }) => [{ kind: 'circuit-closed', endpointId }]),
      on('failed', ({ error }) => {
        if (isFailing) return []
        isFailing = true
        return [{ kind: 'ledger-failed', error }]
      }),
    ]
    return () => {
      for (const end of ends) end()
    }
  }
}

function toFacts({ id, endpointId, orderingKey: taskId, type: eventType }: DeliveryMessage): DeliveryFacts {
  return { id, endpointId, taskId, eventType }
}
