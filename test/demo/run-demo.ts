import { keepOpen } from './keep-open.ts'
import { showNodes, showOutbox } from './acts/show-outbox.ts'
import { showVerification } from './acts/show-verification.ts'
import { startServices, type ServicesOptions } from './services/start-services.ts'
import { heading, seconds, totalRow, type Print } from './print/table.ts'

/** What a demo is run with. */
export interface DemoOptions extends ServicesOptions {
  print: Print
  /** Goes on with a dashboard over what there is, until the signal is aborted. Default false. */
  keep?: boolean
}

/** Runs the demo from start to end. Resolves to the exit code: 0 only when everything was as it should be. */
export async function runDemo({ print, keep = false, ...options }: DemoOptions): Promise<0 | 1> {
  const startedAt = performance.now()
  await using services = await startServices(options)
  const { automation, receivers } = services
  print(heading('taskhook: from a change of a task to a verified event'))
  print(`  automation service  ${automation.url}`)
  for (const { name, url } of receivers) print(`  ${`receiver ${name}`.padEnd(18)}  ${url}`)

  const totals = await showVerification(services, print)
  // With a receiver that refuses what is good, the second act would wait for long to show nothing.
  const isWell = totals.every(({ passed }) => passed)
  if (isWell) totals.push(...(await showOutbox(services, print)))
  if (options.postgres === true && totals.every(({ passed }) => passed)) {
    totals.push(...(await showNodes(services, print)))
  }

  print(heading('Totals'))
  for (const total of totals) print(totalRow(total))
  if (!isWell) print('  - the outbox was not shown: the receivers must be well first')
  const passed = totals.every((total) => total.passed)
  if (!passed) {
    const errors = [automation, ...receivers].flatMap(({ process }) => process.errors)
    for (const error of errors) print(`  | ${error}`)
  }
  print(`\n  ${seconds(performance.now() - startedAt)}`)
  if (keep) await keepOpen(services, print)
  else print('  "npx -y pnpm@12 demo --keep" goes on with a dashboard of what happened.')
  return passed ? 0 : 1
}
