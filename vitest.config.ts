import { defineConfig, type ViteUserConfig } from 'vitest/config'

const config: ViteUserConfig = defineConfig({
  resolve: { conditions: ['taskhook-source'] },
  ssr: { resolve: { conditions: ['taskhook-source'] } },
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'examples/*/src/**/*.test.ts',
      'test/**/*.test.ts',
      'docs/site/src/**/*.test.ts',
    ],
    // Against hanging, not against slowness: these tests also run on machines that are busy with other things.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    silent: 'passed-only',
    exclude: ['**/node_modules/**', 'test/consumer/**'],
  },
})
export default config
