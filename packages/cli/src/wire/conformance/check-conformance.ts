import type { CliContext } from '../../cli-context.ts'
import { CommandError } from '../../command-error.ts'
import type { JsonFlag } from '../../flags.ts'

/** The flags of `conformance`. */
export interface ConformanceFlags extends ReceiverFlags, SenderFlags, JsonFlag {
  sender: boolean
}

/** Those of either side. */
interface SecretFlags {
  secret?: string | undefined
  previousSecret?: string | undefined
  key?: string | undefined
}

/** Those for a receiver. */
export interface ReceiverFlags extends SecretFlags {
  features?: string | undefined
  only?: readonly string[] | undefined
  list: boolean
  header?: readonly string[] | undefined
  useSslTrustAll?: boolean | undefined
}

/** Those for a sender. */
export interface SenderFlags extends SecretFlags {
  port?: string | undefined
  refuseFirst: boolean
  count?: string | undefined
  wait?: string | undefined
}

/** Checks a receiver at a URL, or the sender that posts to this command. */
export async function checkConformance(
  context: CliContext,
  { sender, ...flags }: ConformanceFlags,
  url?: string,
): Promise<void> {
  // Empty is what a variable has that was forgotten.
  const { secret = context.env['WEBHOOK_SECRET'] || context.env['TASKHOOK_SECRET'] || undefined } = flags
  const given = { ...flags, secret }
  if (!sender) {
    if (
      flags.refuseFirst ||
      flags.count !== undefined ||
      flags.port !== undefined ||
      flags.wait !== undefined
    ) {
      throw new CommandError('usage_invalid', '--port, --refuse-first, --count and --wait need --sender')
    }
    const { checkReceiver } = await import('./receiver/check-receiver.ts')
    return checkReceiver(context, given, url)
  }
  if (url !== undefined) {
    throw new CommandError('usage_invalid', '--sender takes no URL: it listens, and prints where')
  }
  const { checkSender } = await import('./sender/check-sender.ts')
  return checkSender(context, given)
}
