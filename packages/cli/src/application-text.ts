import {
  type ApplicationText,
  ArgumentScannerError,
  formatMessageForArgumentScannerError,
  text_en,
} from '@stricli/core'
import { describeError } from './describe-error.ts'

/** What the command says when it is held wrong, and around its help. */
export const applicationText: ApplicationText = {
  ...text_en,
  headers: {
    usage: 'Usage',
    aliases: 'Aliases',
    commands: 'Commands',
    flags: 'Options',
    arguments: 'Arguments',
  },
  briefs: {
    ...text_en.briefs,
    help: 'Show how a command is used',
    version: 'Show the version',
    argumentEscapeSequence: 'Take everything after this as arguments',
  },
  noCommandRegisteredForInput: ({ input, corrections }) =>
    `There is no command "${input}".${suggest(corrections)}`,
  exceptionWhileParsingArguments: (error) =>
    error instanceof ArgumentScannerError
      ? formatMessageForArgumentScannerError(error, {
          ArgumentParseError: ({ externalFlagNameOrPlaceholder: name, exception }) =>
            `${name}: ${exception instanceof Error ? exception.message : String(exception)}`,
        })
      : describeError(error),
  exceptionWhileLoadingCommandFunction: describeError,
  exceptionWhileLoadingCommandContext: describeError,
  exceptionWhileRunningCommand: describeError,
  commandErrorResult: describeError,
}

function suggest(corrections: readonly string[]): string {
  if (corrections.length === 0) return ' See taskhook --help.'
  return ` Did you mean ${corrections.map((name) => name.replaceAll('`', '"')).join(' or ')}?`
}
