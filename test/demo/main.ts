import { constants } from 'node:os'
import { setImmediate as turn } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { runDemo } from './run-demo.ts'

const timeoutInMs = 120_000

const { values } = parseArgs({
  options: { postgres: { type: 'boolean', default: false }, keep: { type: 'boolean', default: false } },
})

const interrupted = new AbortController()
let interruption: 'SIGINT' | 'SIGTERM' | 'SIGHUP' | undefined
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // A second one changes nothing: the first one ends the demo at once.
  process.on(name, () => {
    interruption ??= name
    interrupted.abort(new Error(`interrupted by ${name}`))
  })
}

// What is kept open is ended by hand.
const tooLate = values.keep ? undefined : AbortSignal.timeout(timeoutInMs)
try {
  process.exitCode = await runDemo({
    print: (line) => console.log(line),
    postgres: values.postgres,
    keep: values.keep,
    signal: AbortSignal.any([interrupted.signal, ...(tooLate ? [tooLate] : [])]),
  })
} catch (error) {
  // Ctrl-C ends the services too. This process may hear of that first, and of the signal in this turn.
  await turn()
  if (tooLate?.aborted === true) {
    const what = error instanceof Error ? error.message : String(error)
    console.error(`\n  The demo was ended: it was not done after ${timeoutInMs / 1000} s. ${what}`)
    process.exitCode = 1
  } else if (interruption === undefined) throw error
}
if (interruption !== undefined) {
  console.log(`\n  Ended by ${interruption}. The services are stopped, and their databases are removed.`)
  process.exitCode = 128 + constants.signals[interruption]
}
