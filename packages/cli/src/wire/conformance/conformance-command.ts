import type { Command } from '@stricli/core'
import type { CliContext } from '../../cli-context.ts'
import { defineCommand } from '../../define-command.ts'
import { jsonFlag } from '../../flags.ts'
import type { ConformanceFlags } from './check-conformance.ts'

const text = (brief: string, placeholder: string) =>
  ({ kind: 'parsed', parse: String, optional: true, placeholder, brief }) as const

const texts = (brief: string, placeholder: string) =>
  ({ ...text(brief, placeholder), variadic: true }) as const

const toggle = (brief: string) => ({ kind: 'boolean', default: false, withNegated: false, brief }) as const

/** `taskhook conformance <url>` and `taskhook conformance --sender` */
export const conformanceCommand: Command<CliContext> = defineCommand<ConformanceFlags, [url?: string]>({
  load: async () => (await import('./check-conformance.ts')).checkConformance,
  parameters: {
    flags: {
      secret: text('The shared secret  [default: $WEBHOOK_SECRET, or else $TASKHOOK_SECRET]', 'secret'),
      previousSecret: text(
        'The secret before it, which the receiver takes too, or the sender signs with too',
        'secret',
      ),
      key: text('The ?key= of this installation; with it every request has one', 'key'),
      features: text(
        'What the receiver supports, separated by commas: x-signature, standard-webhooks, repeats, rotation, key, ed25519  [default: the first three, and what the other flags make possible]',
        'names',
      ),
      only: texts('Send this vector alone; once for each', 'name'),
      list: toggle('List the vectors that would be sent, and send nothing'),
      header: texts('A header to add to every request, as "Name: value"; once for each', 'header'),
      useSslTrustAll: {
        kind: 'boolean',
        optional: true,
        brief: 'Accept any certificate of the receiver, as the service does by default; with no, verify it',
      },
      sender: toggle('Judge a sender: listen on this machine, and say what it does wrong'),
      port: text('With --sender: the port on 127.0.0.1  [default: a free one]', 'port'),
      refuseFirst: toggle(
        'With --sender: refuse the first attempt of each delivery, with 503, a redirect and 500 in turn',
      ),
      count: text(
        'With --sender: end when so many deliveries have been taken  [default: Ctrl-C ends it]',
        'number',
      ),
      wait: text(
        'With --sender: end too when no request came for so many seconds after the last one',
        'seconds',
      ),
      ...jsonFlag,
    },
    aliases: { H: 'header' },
    positional: {
      kind: 'tuple',
      parameters: [{ parse: String, placeholder: 'url', optional: true, brief: 'The receiver' }],
    },
  },
  docs: {
    brief: 'Say what a receiver, or a sender, of any language does wrong',
    customUsage: [
      { input: 'http://127.0.0.1:8080/automation', brief: 'a receiver that has $WEBHOOK_SECRET' },
      {
        input: '--sender --refuse-first --count 5',
        brief: 'a sender that posts to the address that is printed',
      },
    ],
    fullDescription: `Say what a receiver, or a sender, of any language does wrong, and what to do about it.

Sends a receiver about 75 requests, signed for the time of now: events that it must take, and forged, replayed and broken ones that it
must refuse. The events it takes are of a task that does not exist, so choose a receiver for tests. For ed25519, which is checked alone, the
receiver has the public key that --features ed25519 --list shows, and no secret.

With --sender it listens, and judges each request, the order of each task's events and how refusals are tried again.

Exit codes: 0 all that must hold does, 1 something that must hold does not, 4 the receiver cannot be reached.`,
  },
})
