import { countFinding, type Finding } from '../print/promise.ts'
import {
  attemptHeader,
  attemptRow,
  deliveryHeader,
  deliveryRow,
  endpointRow,
} from '../print/report-outbox.ts'
import { eventHeader, eventRow } from '../print/report-verification.ts'
import type { Stage } from '../print/stage.ts'
import { createOperatorClient } from '../services/operator-client.ts'
import type { Receiver, Services } from '../services/start-services.ts'
import { compareTasks } from './compare-tasks.ts'
import { beginOutage, endOutage } from './run-outage.ts'

/** Shows a receiver that is down for a while, and one of the deliveries that waited for it. */
export async function showOutage(services: Services, stage: Stage, receiver: Receiver): Promise<Finding[]> {
  const { print } = stage
  stage.beginAct(
    'a receiver is down',
    `Receiver ${receiver.name} is stopped, and two tasks change. Its events wait in the outbox; those of the other receiver do not.`,
  )
  const outage = await beginOutage(services, receiver)
  print(deliveryHeader())
  for (const delivery of outage.deliveries) print(deliveryRow(delivery))
  print('')
  for (const endpoint of outage.endpoints) print(endpointRow(endpoint))

  const waited = outage.deliveries.filter((one) => one.receiver === receiver.name)
  const others = outage.deliveries.filter((one) => one.receiver !== receiver.name)
  const findings = [
    countFinding('durable', waited, `events waited as pending while ${receiver.name} was down`),
    countFinding(
      'independent',
      others,
      `events arrived at the other receiver while ${receiver.name} was down`,
    ),
  ]
  // What does not wait now would be waited for in vain.
  if (!findings.every(({ passed }) => passed)) return findings

  print('')
  stage.narrate(`Receiver ${receiver.name} is started again. What waited arrives, in the order of each task:`)
  const arrivals = await endOutage(outage)
  print(eventHeader())
  for (const arrival of arrivals) print(eventRow(arrival))

  const id = waited[0]?.delivery?.id as string
  print('')
  stage.narrate(`An operator looks up one delivery of the outage, ${id}:`)
  const operators = createOperatorClient(services.automation.url, services.signal)
  const { attempts } = await operators.delivery(id)
  print(attemptHeader())
  for (const attempt of attempts) print(attemptRow(attempt))

  const taskIds = new Set(outage.changes.map(({ taskId }) => taskId))
  return [
    ...findings,
    ...(await compareTasks(services, [...taskIds])),
    countFinding('ordered', arrivals, 'events that had waited arrived in order'),
    {
      promise: 'visible',
      passed: attempts.length > 1 && attempts.at(-1)?.outcome === 'delivered',
      text: `${attempts.length} attempts of the delivery that was looked up, the last one delivered it`,
    },
  ]
}
