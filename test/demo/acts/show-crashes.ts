import type { Finding } from '../print/promise.ts'
import { crashFindings, crashRows, receiverCrashFindings, receiverCrashRows } from '../print/report-outbox.ts'
import type { Stage } from '../print/stage.ts'
import type { Receiver, Services } from '../services/start-services.ts'
import { compareTasks } from './compare-tasks.ts'
import { runCrash, runNodeDeath } from './run-crash.ts'
import { runReceiverCrash } from './run-receiver-crash.ts'

/** Shows an automation service that is killed in a burst of changes. */
export async function showCrash(services: Services, stage: Stage): Promise<Finding[]> {
  stage.beginAct(
    'the automation service is killed',
    'Twelve tasks change at once. Half-way the service gets a SIGKILL, and is started again on its database. What it had',
    'answered is there, and goes out.',
  )
  const crash = await runCrash(services)
  for (const line of crashRows(crash)) stage.print(line)
  return [...crashFindings(crash), ...(await compareTasks(services, crash.taskIds))]
}

/** Shows a receiver that is killed in a burst of changes. */
export async function showReceiverCrash(
  services: Services,
  stage: Stage,
  receiver: Receiver,
): Promise<Finding[]> {
  stage.beginAct(
    'a receiver is killed',
    `Eight tasks change at once. Half-way receiver ${receiver.name} gets a SIGKILL, and is started again on its database. What it had`,
    'answered with 202 is in its inbox, and is handled.',
  )
  const crash = await runReceiverCrash(services, receiver)
  for (const line of receiverCrashRows(crash)) stage.print(line)
  return [...receiverCrashFindings(crash), ...(await compareTasks(services, crash.taskIds))]
}

/** Shows, on PostgreSQL, two automation services on one database, one of which dies. */
export async function showNodes(services: Services, stage: Stage): Promise<Finding[]> {
  stage.beginAct(
    'one of two automation services dies',
    'A second automation service works on the same PostgreSQL database. Both change tasks, and half-way the first gets a',
    'SIGKILL. The second one delivers what the first had accepted.',
  )
  const death = await runNodeDeath(services)
  for (const line of crashRows(death)) stage.print(line)
  const survivors = { ...services, automation: death.survivor }
  return [...crashFindings(death), ...(await compareTasks(survivors, death.taskIds))]
}
