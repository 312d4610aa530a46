import { answerParent } from './child.ts'

/** How many pages to keep open at a dashboard. */
export interface OpenPages {
  /** The address of the dashboard, with a slash at its end. */
  url: string
  count: number
}

/** What has been heard of them all: how many times one was told what it is now. */
export interface HeardPages {
  events: number
}

let events = 0

/** Opens pages as browsers do, and keeps them open; resolves when each has been told what it is. */
async function openPages({ url, count }: OpenPages): Promise<HeardPages> {
  await Promise.all(Array.from({ length: count }, (_, index) => openPage(url, toView(index))))
  return { events }
}

/** Half of the people look at the overview, many at a list, and some at a task each of their own. */
function toView(index: number): string {
  if (index % 10 < 5) return ''
  return index % 10 < 8 ? 'deliveries' : `task?id=${index}`
}

async function openPage(url: string, view: string): Promise<void> {
  const response = await fetch(`${url}live?view=${encodeURIComponent(view)}`)
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  const { promise: told, resolve } = Promise.withResolvers<void>()
  void (async () => {
    for (;;) {
      const { value, done } = await reader.read()
      if (done) return
      if (value.includes('event: page')) {
        events += 1
        resolve()
      }
    }
  })().catch(() => {})
  await told
}

answerParent((question) => openPages(question as OpenPages))
