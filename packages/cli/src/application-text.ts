import {
  type ApplicationText,
  ArgumentScannerError,
  formatMessageForArgumentScannerError,
  text_en,
} from '@stricli/core'
import { describeError } from './describe-error.ts'
import { printable } from './output/printable.ts'

const wrongUsage = 'taskhook: usage_invalid: '
const dashHint = ' Before arguments that begin with a dash, write -- alone.'

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
    `${wrongUsage}there is no command "${printable(input)}".${suggest(corrections) || ' See taskhook --help.'}`,
  exceptionWhileParsingArguments: (error) =>
    error instanceof ArgumentScannerError
      ? wrongUsage + printable(describeArgumentError(error))
      : describeError(error),
  exceptionWhileLoadingCommandFunction: describeError,
  exceptionWhileLoadingCommandContext: describeError,
  exceptionWhileRunningCommand: describeError,
  commandErrorResult: describeError,
}

function describeArgumentError(error: ArgumentScannerError): string {
  return formatMessageForArgumentScannerError(error, {
    ArgumentParseError: ({ externalFlagNameOrPlaceholder: name, exception }) =>
      `${name}: ${exception instanceof Error ? exception.message : String(exception)}`,
    FlagNotFoundError: ({ input, corrections }) =>
      `there is no option --${input}.${suggest(corrections.map((name) => `--${name}`)) || dashHint}`,
    AliasNotFoundError: ({ input }) => `there is no option -${input}.${dashHint}`,
  })
}

function suggest(corrections: readonly string[]): string {
  if (corrections.length === 0) return ''
  return ` Did you mean ${corrections.map((name) => name.replaceAll('`', '"')).join(' or ')}?`
}
