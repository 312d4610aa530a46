import { maxTimerInMs } from '../clock.ts'

/** Whether a promise settles within a time. In real time: it is for a process that wants to end. */
export async function within(promise: Promise<unknown>, timeoutInMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, Math.min(timeoutInMs, maxTimerInMs), false)
  })
  try {
    return await Promise.race([promise.then(() => true as const), timeout])
  } finally {
    clearTimeout(timer)
  }
}
