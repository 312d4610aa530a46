import type { Verification, WebhookError, WebhookErrorCode } from '@taskhook/core'
import { printable } from '../output/printable.ts'
import type { Style } from '../output/style.ts'
import type { RefusalExplanation } from './explain/explain-refusal.ts'

/** The result of verifying a request, as it is printed. It contains no secret, no `key` and nothing internal. */
export type Verdict = VerifiedVerdict | IgnoredVerdict | RefusedVerdict

interface VerifiedVerdict {
  outcome: 'verified'
  taskId: string
  eventType: string
  /** From the Standard Webhooks headers. */
  delivery?: { id: string; sentAt: Date }
}

/** Authentic, but of a type that is not known. */
interface IgnoredVerdict {
  outcome: 'ignored'
  eventType: string
}

interface RefusedVerdict {
  outcome: 'refused'
  code: WebhookErrorCode
  status: number
  message: string
  explanation?: RefusalExplanation
}

/** The verdict on a request that was not refused. */
export function toVerified(verification: Verification): Verdict {
  switch (verification.outcome) {
    case 'event': {
      const { event, delivery } = verification.webhook
      return {
        outcome: 'verified',
        taskId: event.taskId,
        eventType: event.eventType,
        ...(delivery && { delivery: { id: delivery.id, sentAt: delivery.sentAt } }),
      }
    }
    case 'ignored':
      return { outcome: 'ignored', eventType: verification.eventType }
    case 'duplicate':
      // Only with a dedupe store, and none is used here.
      throw new Error('a duplicate without a store')
  }
}

/** The verdict on one that was. */
export function toRefused(
  { code, status, message }: WebhookError,
  explanation: RefusalExplanation | undefined,
): Verdict {
  return { outcome: 'refused', code, status, message, ...(explanation && { explanation }) }
}

/** A verdict in lines, the first of which says all in short. */
export function writeVerdict(verdict: Verdict, style: Style): string[] {
  switch (verdict.outcome) {
    case 'verified': {
      const { taskId, eventType, delivery } = verdict
      const sent = delivery && ` (${printable(delivery.id)}, sent ${delivery.sentAt.toISOString()})`
      return [`${style.good('verified')} ${eventType} of task ${printable(taskId)}${sent ?? ''}`]
    }
    case 'ignored':
      return [
        `${style.good('verified')} an event of a type that is not known: ${printable(verdict.eventType)}`,
      ]
    case 'refused': {
      const { code, message, explanation } = verdict
      return [
        `${style.bad('refused')} ${code}: ${printable(message)}`,
        ...(explanation === undefined ? [] : writeExplanation(explanation, style)),
      ]
    }
  }
}

function writeExplanation({ signatures, causes, clues }: RefusalExplanation, style: Style): string[] {
  const lines: string[] = []
  for (const { header, outcome } of signatures) {
    if (outcome === 'right') lines.push(`  ${header} is right`)
    if (outcome === 'unexplained') lines.push(`  ${header}: nothing that was tried explains it`)
  }
  for (const { code, found, fix } of causes) {
    lines.push(`  ${style.strong(code)}: ${printable(found)}`, `    fix: ${printable(fix)}`)
  }
  for (const clue of clues) lines.push(`  ${style.warning('perhaps')}: ${printable(clue)}`)
  if (causes.length === 0 && signatures.some(({ outcome }) => outcome === 'unexplained')) {
    lines.push(
      '  Then the secret is another one, or the bytes are not those that were sent. Give secrets that may have signed with --try-secret,',
      '  and record the request where it arrives, with taskhook listen for example.',
    )
  }
  return lines
}
