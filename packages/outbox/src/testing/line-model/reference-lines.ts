import type { DispatchLedger, ReadDelivery } from '../../ledger.ts'

/** A delivery of the reference ledger. */
export interface Row {
  number: number
  key: string
  partition: number
  state: 'pending' | 'delivered' | 'exhausted' | 'canceled'
  readyAt: number | undefined
  tries: number
  /** When it was accepted, and when its transaction committed, by the count of steps. */
  acceptedAt: number
  visibleAt: number | undefined
  /** Whether it was canceled, and this dispatcher does not go by it yet. */
  isUnheeded: boolean
}

/** A ledger as a list, as far as one endpoint's reader asks it. */
export interface ReferenceLines {
  rows: Row[]
  /** What is pending and visible, in the order of numbers. */
  pending: () => Row[]
  /** What of it is before a row, of the same ordering key. */
  earlier: (row: Row) => Row[]
  toDelivery: (row: Row) => ReadDelivery
  ledger: Pick<DispatchLedger, 'readBacklog' | 'readDue' | 'readLines'>
}

/** Makes one that is empty. `read` answers what was read, when it likes. */
export function createReferenceLines({
  now,
  read,
}: {
  now: () => number
  read: <T>(result: T) => Promise<T>
}): ReferenceLines {
  const rows: Row[] = []

  const pending = (): Row[] =>
    rows
      .filter((row) => row.state === 'pending' && row.visibleAt !== undefined)
      .toSorted((a, b) => a.number - b.number)

  const earlier = (row: Row): Row[] =>
    pending().filter((other) => other.key === row.key && other.number < row.number)

  const toDelivery = (row: Row): ReadDelivery => ({
    number: row.number,
    id: `${row.number}`,
    endpointId: 'one',
    partition: row.partition,
    orderingKey: row.key,
    type: 't',
    payload: '',
    acceptedAt: 0,
    tries: row.tries,
    readyInMs: Math.max(0, (row.readyAt ?? 0) - now()),
    isHead: earlier(row).length === 0,
  })

  const ledger: Pick<DispatchLedger, 'readBacklog' | 'readDue' | 'readLines'> = {
    readBacklog: ({ partitions: asked, after, limit }) =>
      read(
        pending()
          .filter((row) => asked.includes(row.partition) && row.number > after)
          .slice(0, limit)
          .map(toDelivery),
      ),
    readDue({ partitions: asked, after, limit }) {
      const waiting = pending()
        .filter((row) => asked.includes(row.partition) && row.readyAt !== undefined)
        .toSorted((a, b) => a.readyAt! - b.readyAt! || a.number - b.number)
      const isPast = (row: Row): boolean =>
        after === undefined ||
        row.readyAt! > after.readyAt ||
        (Number(row.readyAt) === after.readyAt && row.number > after.number)
      const due = waiting.filter((row) => row.readyAt! <= now() && isPast(row)).slice(0, limit)
      const last = due.at(-1)
      const position = last === undefined ? after : { readyAt: last.readyAt!, number: last.number }
      const deliveries = due.map(toDelivery).filter(({ isHead }) => isHead)
      if (due.length === limit) return read({ deliveries, position, isEnd: false })
      const next = waiting.find((row) => row.readyAt! > now())
      return read({ deliveries, position, isEnd: true, ...(next && { nextInMs: next.readyAt! - now() }) })
    },
    readLines: (requests) =>
      read(
        requests.map(({ orderingKey, after, limit }) =>
          pending()
            .filter((row) => row.key === orderingKey && row.number > after)
            .slice(0, limit)
            .map(toDelivery),
        ),
      ),
  }

  return { rows, pending, earlier, toDelivery, ledger }
}
