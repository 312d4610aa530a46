/** Runs every check of the repository, and ends with a line `N passed, N failed`. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { runCommand } from './run-command.ts'

const root = path.resolve(import.meta.dirname, '..')
const bin = path.join(root, 'node_modules/.bin')
// HTTP and SQLite differ between releases of Node.js: what stands on them runs on the oldest one that is promised, and on the newest.
const otherNodes = ['node-22', 'node-26']
const receiverSuites = [
  'packages/core/src/drain-stream',
  'packages/core/src/settle-with-response',
  'packages/express',
  'packages/fastify',
  'packages/web',
  'test/conformance/channels',
  'packages/outbox/src/dedupe/sqlite-dedupe.test',
  'packages/outbox/src/sqlite/sqlite-ledger.test',
  'test/conformance/dedupe',
  'test/conformance/pipelined',
  'test/conformance/refused-body',
  'test/conformance/slow-body',
  'test/conformance/unfinished',
]
// Not on Node.js 22.13.0: Node.js itself crashes there in one run of ten, see docs/faults-receivers.md.
const newestSuites = ['test/conformance/http2-resets']
// All checks are processes of Node.js, and start many more: each module is compiled once for all of them.
process.env['NODE_COMPILE_CACHE'] ??= path.join(root, 'node_modules/.compile-cache')

/** How a check is run. */
interface CheckOptions {
  /** Whether its output is printed as it comes. Default true; false for what runs beside another check. */
  inherit?: boolean
}

const work = await mkdtemp(path.join(tmpdir(), 'taskhook-test-'))
let passed = 0
let failed = 0

try {
  await check('types', 'tsc', ['--project', 'tsconfig.json'])
  await check('lint', 'oxlint', ['--type-aware', '--deny-warnings'])
  await check('format', 'oxfmt', ['--check'])
  await check('unused code', 'knip', [])
  await checkTests('unit and end to end', 'vitest', ['run'])
  // Side by side: each of them waits much of the time, for sockets, for the disk or for one process after the other.
  await Promise.all([checkReceivers(), checkSite(), checkPackages()])
} finally {
  await rm(work, { recursive: true, force: true })
}
console.log(`\n${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1

/** Runs what stands on HTTP and SQLite on other releases of Node.js, one after the other. */
async function checkReceivers(): Promise<void> {
  const vitest = path.join(root, 'node_modules/vitest/vitest.mjs')
  for (const name of otherNodes) {
    const node = path.join(root, 'test/node_modules', name, 'bin/node')
    const suites = name === 'node-22' ? receiverSuites : [...receiverSuites, ...newestSuites]
    await checkTests(`receivers on ${name}`, node, [vitest, 'run', ...suites], { inherit: false })
  }
}

function checkSite(): Promise<void> {
  return check('documentation site', 'node', [path.join(root, 'docs/site/scripts/build.ts')], {
    inherit: false,
  })
}

function checkPackages(): Promise<void> {
  return check('packages', 'node', [path.resolve(import.meta.dirname, 'check-packages.ts')], {
    inherit: false,
  })
}

/** Runs tests with vitest, and counts them. */
async function checkTests(
  title: string,
  command: string,
  args: readonly string[],
  options?: CheckOptions,
): Promise<void> {
  const report = path.join(work, `${title}.json`)
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  await check(title, command, [...args, ...reporters], options)
  await countTests(report)
}

/** Runs a command, and prints its output: as it comes, or at its end. */
async function check(
  title: string,
  command: string,
  args: readonly string[],
  { inherit = true }: CheckOptions = {},
): Promise<void> {
  const start = performance.now()
  const begin = (): void => console.log(`\n── ${title}`)
  let mark = 'ok'
  if (inherit) begin()
  try {
    const output = await runCommand(path.resolve(bin, command), args, { inherit })
    if (!inherit) begin()
    if (output !== '') console.log(output.trimEnd())
    passed += 1
  } catch (error) {
    if (!inherit) begin()
    console.error(error instanceof Error ? error.message : error)
    mark = 'FAILED'
    failed += 1
  }
  console.log(`── ${title}: ${mark} (${((performance.now() - start) / 1000).toFixed(1)} s)`)
}

/** Adds the tests that vitest ran; without its report there is nothing to add, and its check has failed already. */
async function countTests(report: string): Promise<void> {
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(await readFile(report, 'utf8')) as {
      numPassedTests: number
      numFailedTests: number
    }
    passed += numPassedTests
    failed += numFailedTests
  } catch (error) {
    console.error('vitest left no report:', error)
    failed += 1
  }
}
