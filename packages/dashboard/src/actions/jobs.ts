import { randomUUID } from 'node:crypto'

/** A change of many deliveries, under way or ended. */
export interface Job {
  id: string
  /** What it does, in words. */
  title: string
  /** The address of the list of what it changes. */
  link: string
  actor?: string
  state: 'running' | 'stopping' | 'stopped' | 'done' | 'failed'
  changed: number
  /** How many matched when it began; not there before they were listed. */
  total?: number
  startedAt: Date
  endedAt?: Date
}

/** What a job does. It ends early when the signal is aborted. */
type JobWork = (
  signal: AbortSignal,
  onProgress: (progress: { changed: number; total: number }) => void,
) => Promise<void>

/** The jobs of one dashboard. They run in its process, and end with it: what they have changed stays. */
export interface Jobs {
  /** Starts one; `onEnd` is called when it has ended, in whatever way. */
  start(
    given: Pick<Job, 'title' | 'link' | 'actor'>,
    work: JobWork,
    onEnd: (job: Readonly<Job>, error?: unknown) => void,
  ): Readonly<Job>
  find(id: string): Readonly<Job> | undefined
  /** The latest first. */
  list(): Readonly<Job>[]
  /** False when it is not known, or has ended. */
  stop(id: string): boolean
}

const mostKept = 100

/** Keeps the jobs of one dashboard; `onChange` is called whenever one of them has changed. */
export function createJobs({ now, onChange }: { now: () => number; onChange: () => void }): Jobs {
  const jobs = new Map<string, { job: Job; stopping: AbortController }>()

  function forgetOldest(): void {
    for (const [id, { job }] of jobs) {
      if (jobs.size <= mostKept) return
      if (job.endedAt !== undefined) jobs.delete(id)
    }
  }

  return {
    start(given, work, onEnd) {
      const job: Job = {
        ...given,
        id: randomUUID(),
        state: 'running',
        changed: 0,
        startedAt: new Date(now()),
      }
      const stopping = new AbortController()
      jobs.set(job.id, { job, stopping })
      forgetOldest()

      function end(state: 'stopped' | 'done' | 'failed', error?: unknown): void {
        Object.assign(job, { state, endedAt: new Date(now()) })
        onChange()
        onEnd(job, error)
      }
      work(stopping.signal, (progress) => {
        Object.assign(job, progress)
        onChange()
      }).then(
        () => end(stopping.signal.aborted ? 'stopped' : 'done'),
        (error: unknown) => end('failed', error),
      )
      return job
    },
    find: (id) => jobs.get(id)?.job,
    list: () => [...jobs.values()].map(({ job }) => job).toReversed(),
    stop(id) {
      const found = jobs.get(id)
      if (found === undefined || found.job.endedAt !== undefined) return false
      found.job.state = 'stopping'
      found.stopping.abort()
      onChange()
      return true
    },
  }
}
