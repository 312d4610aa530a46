import {
  type BaseArgs,
  buildCommand,
  type Command,
  type CommandBuilderArguments,
  type TypedCommandParameters,
} from '@stricli/core'
import type { CliContext } from './cli-context.ts'

/** What a command does: it prints, and throws when it cannot. */
type CommandAction<Flags, Parameters extends BaseArgs> = (
  context: CliContext,
  flags: Flags,
  ...parameters: Parameters
) => Promise<void>

/** A command: how it is used, and what it does. */
interface CommandDefinition<
  Flags extends Readonly<Partial<Record<keyof Flags, unknown>>>,
  Parameters extends BaseArgs,
> {
  /** Loads what it does, when it is run: the help of all commands loads nothing. */
  load: () => Promise<CommandAction<Flags, Parameters>>
  parameters: TypedCommandParameters<Flags, Parameters, CliContext>
  docs: CommandBuilderArguments<Flags, Parameters, CliContext>['docs']
}

/**
 * Defines a command.
 *
 * For instance:
 *
 * export const listCommand: Command<CliContext> = defineCommand<JsonFlag, []>({
 *   load: async () => (await import('./list-endpoints.ts')).listEndpoints,
 *   parameters: { flags: jsonFlag },
 *   docs: { brief: 'List the endpoints' },
 * })
 */
export function defineCommand<
  Flags extends Readonly<Partial<Record<keyof Flags, unknown>>>,
  Parameters extends BaseArgs,
>({ load, parameters, docs }: CommandDefinition<Flags, Parameters>): Command<CliContext> {
  return buildCommand<Flags, Parameters, CliContext>({
    async loader() {
      const action = await load()
      return function run(this: CliContext, flags: Flags, ...given: Parameters) {
        return action(this, flags, ...given)
      }
    },
    parameters,
    docs,
  })
}
