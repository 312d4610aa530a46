import type { DatabaseSync } from 'node:sqlite'
import type { NewDelivery } from '../delivery.ts'
import type { Acceptance } from '../ledger.ts'
import { allOrNone } from './all-or-none.ts'
import { checkTransaction } from './check-transaction.ts'
import { createContext } from './context.ts'
import { prepareEnqueue } from './sql/enqueue.ts'

type EnqueueWithin = (transaction: DatabaseSync, deliveries: readonly NewDelivery[]) => Acceptance[]

/** Accepts deliveries within transactions of the application, on its own connections. */
export function prepareEnqueueWithin(file: string, now: () => number): EnqueueWithin {
  const prepared = new WeakMap<DatabaseSync, (deliveries: readonly NewDelivery[]) => Acceptance[]>()

  function prepare(transaction: DatabaseSync): (deliveries: readonly NewDelivery[]) => Acceptance[] {
    const context = createContext(transaction, now)
    const enqueue = prepareEnqueue(context)
    return (deliveries) => {
      // What is remembered may be of an earlier transaction that was rolled back.
      context.forget()
      return deliveries.map(enqueue)
    }
  }

  return (transaction, deliveries) => {
    checkTransaction(transaction, file)
    const enqueue = prepared.get(transaction) ?? prepare(transaction)
    prepared.set(transaction, enqueue)
    return allOrNone(transaction, () => enqueue(deliveries))
  }
}
