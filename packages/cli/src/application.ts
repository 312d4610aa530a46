import { type Application, buildApplication, help, version } from '@stricli/core'
import packageJson from '../package.json' with { type: 'json' }
import { applicationText } from './application-text.ts'
import type { CliContext } from './cli-context.ts'
import { exitCodeOf } from './exit-code-of.ts'
import { routes } from './routes.ts'

const formatting = {
  useAliasInUsageLine: false,
  onlyRequiredInUsageLine: true,
  caseStyle: 'convert-camel-to-kebab',
} as const

/** The command with all its subcommands, of which each is loaded when it is run. */
export const application: Application<CliContext> = buildApplication(
  routes,
  {
    name: 'taskhook',
    scanner: {
      caseStyle: 'allow-kebab-for-camel',
      allowArgumentEscapeSequence: true,
      // Stricli's own default of 7 finds every short name near to every other.
      distanceOptions: {
        threshold: 3,
        weights: { insertion: 1, deletion: 1, substitution: 1.5, transposition: 0.5 },
      },
    },
    documentation: formatting,
    localization: { text: applicationText },
    determineExitCode: exitCodeOf,
  },
  {
    help: help({ brief: applicationText.briefs.help, defaultForRouteMap: true, formatting }),
    version: version({
      brief: applicationText.briefs.version,
      info: { currentVersion: packageJson.version },
      alias: false,
    }),
  },
)
