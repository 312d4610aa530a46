import type { EndpointOutcomes } from '@taskhook/outbox'

/** How attempts ended in a step of time, at all endpoints. */
export interface OutcomeStep {
  from: Date
  delivered: number
  failed: number
}

/** A day in steps of a quarter of an hour. */
export const stepInMinutes = 15
const stepInMs = stepInMinutes * 60_000
const stepCount = 96

/** When the first of the steps begins that end with this time, in milliseconds since 1970. */
export function startOfSteps(now: number): number {
  return (Math.floor(now / stepInMs) - stepCount + 1) * stepInMs
}

/** Minutes summed up in steps, those in which nothing was attempted included. */
export function toSteps(outcomes: readonly EndpointOutcomes[], now: number): OutcomeStep[] {
  const start = startOfSteps(now)
  const steps = Array.from({ length: stepCount }, (_, index) => ({
    from: new Date(start + index * stepInMs),
    delivered: 0,
    failed: 0,
  }))
  for (const { minute, delivered, failed } of outcomes) {
    const step = steps[Math.floor((minute.getTime() - start) / stepInMs)]
    if (step === undefined) continue
    step.delivered += delivered
    step.failed += failed
  }
  return steps
}
