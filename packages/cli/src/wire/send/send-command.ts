import type { Command } from '@stricli/core'
import type { CliContext } from '../../cli-context.ts'
import { defineCommand } from '../../define-command.ts'
import { jsonFlag } from '../../flags.ts'
import { secretFlags } from '../secret/secret-flags.ts'
import type { SendFlags } from './send-event.ts'

const text = (brief: string, placeholder: string) =>
  ({ kind: 'parsed', parse: String, optional: true, placeholder, brief }) as const

/** `taskhook send [url]` */
export const sendCommand: Command<CliContext> = defineCommand<SendFlags, [url?: string]>({
  load: async () => (await import('./send-event.ts')).sendEvent,
  parameters: {
    flags: {
      taskId: text('The task  [default: a random id]', 'id'),
      eventType: text('What happened to it  [default: OrderAccepted]', 'type'),
      id: text('The delivery id, webhook-id; the same one twice is a repeat  [default: a random one]', 'id'),
      ...secretFlags,
      key: text('Sent as ?key=, to tell installations apart', 'key'),
      header: {
        kind: 'parsed',
        parse: String,
        variadic: true,
        optional: true,
        placeholder: 'header',
        brief: 'A header to add, as "Name: value"; once for each',
      },
      timeout: text(
        'How long the whole attempt may take, as ISO 8601 writes it  [default: PT30S]',
        'duration',
      ),
      useSslTrustAll: {
        kind: 'boolean',
        optional: true,
        brief: 'Accept any certificate of the receiver, as the service does by default; with no, verify it',
      },
      useSslClientCert: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: 'Present the certificate of --ssl-key-file',
      },
      sslKeyFile: text('Key store (PEM, PKCS#12, JKS); its password: $TASKHOOK_SSL_KEY_PASSWORD', 'file'),
      sslTrustFile: text('Trusted certificates; their password: $TASKHOOK_SSL_TRUST_PASSWORD', 'file'),
      ...jsonFlag,
    },
    aliases: { H: 'header' },
    positional: {
      kind: 'tuple',
      parameters: [
        {
          parse: String,
          placeholder: 'url',
          optional: true,
          brief: 'Where to; by default that of the configuration',
        },
      ],
    },
  },
  docs: {
    brief: 'Send one signed event, exactly as the service does',
    customUsage: [
      {
        input: 'http://127.0.0.1:3000/automation --event-type OrderSigned',
        brief: 'signed with $TASKHOOK_SECRET',
      },
      { input: '--config config.json --endpoint crm', brief: 'as the configuration of the service has it' },
    ],
    fullDescription: `Send one signed event, exactly as the service does: one attempt, no outbox, nothing is stored.

Exit codes: 0 delivered, 1 the receiver did not take it, 4 it cannot be reached.`,
  },
})
