import { parseArgs } from 'node:util'
import { runDemo } from './run-demo.ts'

const timeoutInMs = 120_000

const { values } = parseArgs({
  options: { postgres: { type: 'boolean', default: false }, keep: { type: 'boolean', default: false } },
})

const interrupted = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => interrupted.abort(new Error(`interrupted by ${name}`)))
}

process.exitCode = await runDemo({
  print: (line) => console.log(line),
  postgres: values.postgres,
  keep: values.keep,
  // What is kept open is ended by hand.
  signal: values.keep
    ? interrupted.signal
    : AbortSignal.any([interrupted.signal, AbortSignal.timeout(timeoutInMs)]),
})
