import type { CommandErrorCode } from 'taskhook'
import { type ErrorPage, withCommon } from './error-page.ts'

/** What the command could not do. */
export const commandErrors: Record<CommandErrorCode, ErrorPage> = withCommon<CommandErrorCode>(
  { source: '`CommandError` of the command `taskhook`', who: 'the caller of the command' },
  {
    usage_invalid: {
      means: 'An argument or a flag cannot work. Nothing was done. The exit code is 2.',
      remedies: ['Run `taskhook <command> --help`.', 'The message names the argument and what is allowed.'],
    },
    outbox_not_given: {
      means: 'Neither `--outbox` nor `TASKHOOK_OUTBOX` says where the outbox is. The exit code is 2.',
      remedies: [
        'Set it once: `export TASKHOOK_OUTBOX=sqlite:/var/lib/app/taskhook.db`, or a `postgres://` URL.',
        'The place is the `outbox` option of the sender, or the `store` option of the inbox.',
      ],
    },
    confirmation_needed: {
      means:
        'The command changes something. There is no terminal to ask on and no `--yes`, or the answer was no. Nothing was changed. The exit code is 2.',
      remedies: ['Read what the command says it will do.', 'Add `--yes` to do it.'],
    },
    not_found: {
      means: 'The delivery, the task or the endpoint is not known in this outbox. The exit code is 3.',
      remedies: [
        'Check the id, and which outbox the command reads: `taskhook status`.',
        'Delivered deliveries are removed after `retentionInMs`.',
      ],
    },
    check_failed: {
      means: 'A check found something wrong. The exit code is 1.',
      remedies: ['Read the lines above the error. Each says what is wrong and what to do.'],
    },
    delivery_failed: {
      means: 'The receiver was reached and did not take the event. The exit code is 1.',
      remedies: [
        'Look at the status and the answer that the command printed.',
        'With a 401, see [`signature_mismatch`](signature_mismatch.md).',
      ],
    },
    endpoint_unavailable: {
      means: 'The endpoint cannot be reached. The exit code is 4.',
      remedies: [
        'The message has the reason, for example [`connection_refused`](connection_refused.md) or [`tls_untrusted`](tls_untrusted.md).',
      ],
    },
  },
)
