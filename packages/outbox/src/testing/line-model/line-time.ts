import type { Clock } from '../../clock.ts'

/** The time of the line model, and the answers that its reads wait for. */
export interface LineTime {
  readonly now: number
  clock: Clock
  pass: (inMs: number) => void
  /** What is read is what is there now; when it is answered is another matter. */
  read: <T>(result: T) => Promise<T>
  /** Answers one of the reads under way, or fails it. */
  answer: (which: number, fails: boolean) => void
  /** Answers all of them. */
  answerAll: () => void
}

/** Time stands still until the model has it pass. */
export function createLineTime(): LineTime {
  let now = 0
  let timers: { at: number; callback: () => void }[] = []
  const answers: ((fails: boolean) => void)[] = []

  return {
    get now() {
      return now
    },
    clock: {
      now: () => now,
      after(delayInMs, callback) {
        const timer = { at: now + delayInMs, callback }
        timers.push(timer)
        return () => void (timers = timers.filter((other) => other !== timer))
      },
    },
    pass(inMs) {
      now += inMs
      for (const timer of timers.filter(({ at }) => at <= now)) {
        timers = timers.filter((other) => other !== timer)
        timer.callback()
      }
    },
    read: (result) =>
      new Promise((resolve, reject) => {
        answers.push((fails) => (fails ? reject(new Error('no luck')) : resolve(result)))
      }),
    answer(which, fails) {
      const [one] = answers.splice(which % Math.max(1, answers.length), 1)
      one?.(fails)
    },
    answerAll() {
      for (const one of answers.splice(0)) one(false)
    },
  }
}
