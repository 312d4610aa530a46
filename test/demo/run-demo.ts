import { showCrash, showNodes, showReceiverCrash } from './acts/show-crashes.ts'
import { showEvents } from './acts/show-events.ts'
import { showOutage } from './acts/show-outage.ts'
import { showRefusals } from './acts/show-refusals.ts'
import { keepOpen } from './keep-open.ts'
import { printPromises, type Finding } from './print/promise.ts'
import { createStage, type Stage } from './print/stage.ts'
import { heading, seconds, type Print } from './print/table.ts'
import {
  startServices,
  type Receiver,
  type Services,
  type ServicesOptions,
} from './services/start-services.ts'

/** What a demo is run with. */
export interface DemoOptions extends ServicesOptions {
  print: Print
  /** Goes on with a dashboard over what there is, until the signal is aborted. Default false. */
  keep?: boolean
}

/** Runs the demo from start to end. Resolves to the exit code: 0 only when every promise was kept. */
export async function runDemo({ print, keep = false, ...options }: DemoOptions): Promise<0 | 1> {
  const startedAt = performance.now()
  print(`\n  Starting ${options.postgres === true ? 'PostgreSQL and ' : ''}the services …`)
  await using services = await startServices(options)
  const { automation, receivers } = services
  print(heading('taskhook: from a change of a task to a verified event'))
  print(`  automation service  ${automation.url}`)
  for (const { name, url } of receivers) print(`  ${`receiver ${name}`.padEnd(18)}  ${url}`)

  const { findings, isWhole } = await showActs(services, createStage(print), options)
  print(heading('What taskhook promises, and what this run saw'))
  const { kept, tested } = printPromises(findings, print)
  const passed = kept === tested && isWhole
  if (!isWhole)
    print('\n  The acts after the first failure were not shown: they need services that are well.')
  if (!passed) {
    const errors = [automation, ...receivers].flatMap(({ process }) => process.errors)
    for (const error of errors) print(`  | ${error}`)
  }
  print(`\n  ${kept} of ${tested} promises were kept, in a run of ${seconds(performance.now() - startedAt)}.`)
  if (keep) await keepOpen(services, print)
  else print('  "npx -y pnpm@12 demo --keep" goes on with a dashboard of what happened.')
  return passed ? 0 : 1
}

/** Shows one act after the other. When something is not as it should be, it leaves out those that would wait for it for long. */
async function showActs(
  services: Services,
  stage: Stage,
  { postgres = false }: ServicesOptions,
): Promise<{ findings: readonly Finding[]; isWhole: boolean }> {
  const [receiver] = services.receivers as [Receiver]
  const events = await showEvents(services, stage)
  const findings = [...events.findings, ...(await showRefusals(services, stage, events))]
  const isWell = (): boolean => findings.every(({ passed }) => passed)
  const acts = [
    () => showOutage(services, stage, receiver),
    () => showCrash(services, stage),
    () => showReceiverCrash(services, stage, receiver),
    ...(postgres ? [() => showNodes(services, stage)] : []),
  ]
  for (const act of acts) {
    if (!isWell()) return { findings, isWhole: false }
    findings.push(...(await act()))
  }
  return { findings, isWhole: true }
}
