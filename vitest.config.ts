import { join } from 'node:path'
import { configDefaults, defineConfig, type ViteUserConfig } from 'vitest/config'
import { LongFilesFirst } from './scripts/long-files-first.ts'

// Each of these looks at its process as a whole, and needs one of its own: at warnings, of which Node.js and taskhook print some
// only once, at memory, or at a module of Node.js that it has replaced.
const alone = [
  'packages/core/src/memory-dedupe.test.ts',
  'packages/inbox/src/create-inbox-warnings.test.ts',
  'packages/outbox/src/clock.test.ts',
  'packages/outbox/src/sqlite/sqlite-disk.test.ts',
  'packages/sender/src/attempt/attempt-abort.test.ts',
  'packages/sender/src/create-sender-notices.test.ts',
  'packages/sender/src/tls/trust-all-warning.test.ts',
  'docs/site/src/**/*.test.ts',
  'test/**/*.test.ts',
]

const config: ViteUserConfig = defineConfig({
  resolve: { conditions: ['taskhook-source'] },
  ssr: { resolve: { conditions: ['taskhook-source'] } },
  test: {
    // Against hanging, not against slowness: these tests also run on machines that are busy with other things.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    silent: 'passed-only',
    // One for each core: many of these tests wait for processes, or for the disk.
    maxWorkers: '100%',
    sequence: { sequencer: LongFilesFirst },
    // Many tests start processes, and what those spend most time on is to compile the same modules.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.compile-cache') },
    exclude: [...configDefaults.exclude, 'test/consumer/**'],
    projects: [
      { extends: true, test: { name: 'alone', include: alone } },
      {
        extends: true,
        test: {
          name: 'together',
          include: ['packages/*/src/**/*.test.ts', 'examples/*/src/**/*.test.ts'],
          exclude: alone,
          // To load the same modules again for each file takes longer than most files' tests.
          isolate: false,
        },
      },
    ],
  },
})
export default config
