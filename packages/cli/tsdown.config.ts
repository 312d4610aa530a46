import type { UserConfig } from 'tsdown'
import { build, output } from '../../tsdown.base.ts'

const config: UserConfig = {
  ...build,
  entry: ['src/index.ts', 'src/cli.ts'],
  outputOptions: {
    ...output,
    // Each file takes one to three milliseconds to load. So what a fixed answer needs is one file, and what every command needs another.
    codeSplitting: {
      includeDependenciesRecursively: false,
      groups: [
        {
          name: 'answer',
          test: /(fixed-answer|help-text|has-color|exit-codes)\.ts$|package\.json$/,
          priority: 1,
        },
        // Not of declarations, which are built beside it and belong to each entry.
        { name: 'start', tags: ['$initial'], test: /src[\\/](?!cli\.ts|index\.ts).*(?<!\.d)\.ts$/ },
      ],
    },
  },
}
export default config
