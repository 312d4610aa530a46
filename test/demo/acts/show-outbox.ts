import { compareTasks } from './compare-tasks.ts'
import { createOperatorClient } from '../services/operator-client.ts'
import {
  attemptHeader,
  attemptRow,
  crashRows,
  crashTotals,
  deliveryHeader,
  deliveryRow,
  endpointRow,
  receiverCrashRows,
  receiverCrashTotals,
} from '../print/report-outbox.ts'
import { eventHeader, eventRow } from '../print/report-verification.ts'
import { runCrash, runNodeDeath } from './run-crash.ts'
import { beginOutage, endOutage } from './run-outage.ts'
import { runReceiverCrash } from './run-receiver-crash.ts'
import type { Receiver, Services } from '../services/start-services.ts'
import { countTotal, heading, type Print, type Total } from '../print/table.ts'

/** The third act, on PostgreSQL: two automation services on one database, one of which dies. */
export async function showNodes(services: Services, print: Print): Promise<Total[]> {
  print(heading('Two automation services on one database'))
  print('  Both are sent a burst of changes, and one is killed half-way. The other one goes on:\n')
  const death = await runNodeDeath(services)
  for (const line of crashRows(death)) print(line)
  return [
    ...crashTotals(death),
    ...(await compareTasks({ ...services, automation: death.survivor }, death.taskIds)),
  ]
}

/** The second act: a receiver that is down for a while, an automation service that is killed, and a receiver that is. */
export async function showOutbox(services: Services, print: Print): Promise<Total[]> {
  const { automation, receivers, signal } = services
  const [receiver] = receivers as [Receiver]
  print(heading('What the outbox is for'))

  print(`  Receiver ${receiver.name} is down, and two tasks change:\n`)
  const outage = await beginOutage(services, receiver)
  print(deliveryHeader())
  for (const delivery of outage.deliveries) print(deliveryRow(delivery))
  print('')
  for (const endpoint of outage.endpoints) print(endpointRow(endpoint))

  const waited = outage.deliveries.filter((one) => one.receiver === receiver.name)
  const others = outage.deliveries.filter((one) => one.receiver !== receiver.name)
  const totals = [
    countTotal(waited, `events waited as pending while ${receiver.name} was down`),
    countTotal(others, 'events arrived at the other receiver meanwhile'),
  ]
  // What does not wait now would be waited for in vain.
  if (!totals.every(({ passed }) => passed)) return totals

  print('\n  It is back:\n')
  const arrivals = await endOutage(outage)
  print(eventHeader())
  for (const arrival of arrivals) print(eventRow(arrival))

  print('\n  The automation service is killed half-way through a burst of changes, and started again:\n')
  const crash = await runCrash(services)
  for (const line of crashRows(crash)) print(line)

  print(`\n  Receiver ${receiver.name} is killed half-way through another burst, and started again:\n`)
  const receiverCrash = await runReceiverCrash(services, receiver)
  for (const line of receiverCrashRows(receiverCrash)) print(line)

  const id = waited[0]?.delivery?.id as string
  print(`\n  One delivery of the outage, looked up by its id, ${id}:\n`)
  const { attempts } = await createOperatorClient(automation.url, signal).delivery(id)
  print(attemptHeader())
  for (const attempt of attempts) print(attemptRow(attempt))

  const burstIds = [...crash.taskIds, ...receiverCrash.taskIds]
  const taskIds = [...outage.changes.map(({ taskId }) => taskId), ...burstIds]
  return [
    ...totals,
    countTotal(arrivals, 'events that had waited arrived in order'),
    ...crashTotals(crash),
    ...receiverCrashTotals(receiverCrash),
    ...(await compareTasks(services, [...new Set(taskIds)])),
    {
      passed: attempts.length > 1 && attempts.at(-1)?.outcome === 'delivered',
      text: `${attempts.length} attempts of the delivery that was looked up, the last one delivered it`,
    },
  ]
}
