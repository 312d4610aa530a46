import { channels, type AttemptedMessage, type CircuitMessage, type DeliveryMessage } from '@taskhook/outbox'

/** A logger of pino's shape: fields first, then the message. */
export interface LoggerLike {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/**
 * Logs what becomes of the deliveries to some endpoints: attempts at `debug` or `warn`, exhausted ones and ledger failures at
 * `error`, circuits at `warn` and `info`. Returns what ends it.
 */
export function logMessages(logger: LoggerLike, endpointIds: ReadonlySet<string>): () => void {
  const ends = [
    on<AttemptedMessage>('attempted', ({ report: { response: _response, ...report }, ...delivery }) => {
      const level = report.outcome === 'delivered' ? 'debug' : 'warn'
      logger[level]({ ...delivery, ...report }, 'webhook attempted')
    }),
    on<DeliveryMessage>('exhausted', (delivery) => {
      logger.error(
        delivery,
        'webhook exhausted: every attempt has failed, resend it when the receiver is well',
      )
    }),
    on<CircuitMessage>('circuitOpened', ({ endpointId, circuit }) => {
      const until = new Date(circuit.opensUntil)
      logger.warn({ endpointId, until }, 'webhook circuit opened: nothing is attempted until then')
    }),
    on<CircuitMessage>('circuitClosed', ({ endpointId }) =>
      logger.info({ endpointId }, 'webhook circuit closed'),
    ),
    on<{ error: unknown }>('failed', ({ error: err }) => {
      logger.error({ err }, 'webhook ledger failed; it is tried again')
    }),
  ]

  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- names the message that the channel has
  function on<M extends object>(name: keyof typeof channels, log: (message: M) => void): () => void {
    const listener = (message: unknown): void => {
      const { endpointId } = message as { endpointId?: string }
      if (endpointId === undefined || endpointIds.has(endpointId)) log(message as M)
    }
    channels[name].subscribe(listener)
    return () => {
      channels[name].unsubscribe(listener)
    }
  }

  return () => {
    for (const end of ends) end()
  }
}
