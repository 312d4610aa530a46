import { setImmediate as yieldToOthers } from 'node:timers/promises'
import type { LiveEvent } from './live-event.ts'

/** A page that is open somewhere: what it is now. It rejects when an outbox is away. */
export type LiveRender = () => Promise<Extract<LiveEvent, { type: 'page' }>>

/** Keeps the pages that are open right, see {@link createLiveHub}. */
export interface LiveHub {
  /**
   * Tells `listener` what a page is now, and again whenever it has changed. Pages with the same `key` are made once for all of them.
   * Returns what ends it.
   */
  subscribe(key: string, render: LiveRender, listener: (event: LiveEvent) => void): () => void
  /** Notes that something may have changed. */
  note(): void
}

/** What a hub goes by. */
export interface LiveHubOptions {
  /** Calls back after something has changed; only listened to while a page is open. Returns what ends it. */
  watch: (listener: () => void) => () => void
  /** Of the machine, in milliseconds. */
  monotonicNow?: () => number
  /** Calls back later; returns what ends that. */
  delay?: (callback: () => void, inMs: number) => () => void
}

interface OpenPage {
  render: LiveRender
  listeners: Set<(event: LiveEvent) => void>
  last: Extract<LiveEvent, { type: 'page' }> | undefined
  isAway: boolean
}

const leastIntervalInMs = 500
// Pages are made in the process that sends. They take at most a hundredth of its time, however many are open.
const restForEachMs = 100
const longestIntervalInMs = 30_000
const awayIntervalInMs = 2000
const beatIntervalInMs = 15_000

/**
 * Makes the pages that are open again when something has changed, in rounds: however many changes there were in between, a page is
 * made once, and sent only if it differs. Nothing is read while nothing changes or no page is open.
 */
export function createLiveHub({
  watch,
  monotonicNow = () => performance.now(),
  delay = delayUnreferenced,
}: LiveHubOptions): LiveHub {
  const open = new Map<string, OpenPage>()
  let stopWatching: (() => void) | undefined
  let stopBeat: (() => void) | undefined
  let stopRound: (() => void) | undefined
  let isChanged = false
  let isRunning = false
  let nextRoundAt = 0

  async function make(page: OpenPage): Promise<void> {
    try {
      const made = await page.render()
      if (!page.isAway && page.last?.main === made.main && page.last.title === made.title) return
      page.last = made
      page.isAway = false
      tell(page, made)
    } catch {
      // Why is said by the page itself, when it is loaded again.
      if (!page.isAway) tell(page, { type: 'away' })
      page.isAway = true
    }
  }

  function tell({ listeners }: OpenPage, event: LiveEvent): void {
    for (const listener of listeners) listener(event)
  }

  async function runRound(): Promise<void> {
    isRunning = true
    isChanged = false
    let spentInMs = 0
    for (const page of open.values()) {
      const startedAt = monotonicNow()
      await make(page)
      spentInMs += monotonicNow() - startedAt
      // The sender's own work comes in between.
      await yieldToOthers()
    }
    isRunning = false
    const restInMs = Math.min(longestIntervalInMs, Math.max(leastIntervalInMs, spentInMs * restForEachMs))
    nextRoundAt = monotonicNow() + restInMs
    const isSomethingAway = [...open.values()].some(({ isAway }) => isAway)
    if (isChanged) plan()
    else if (isSomethingAway) plan(awayIntervalInMs)
  }

  function plan(leastInMs = 0): void {
    if (isRunning || open.size === 0) return
    stopRound?.()
    stopRound = delay(
      () => {
        stopRound = undefined
        void runRound()
      },
      Math.max(leastInMs, nextRoundAt - monotonicNow()),
    )
  }

  function note(): void {
    if (isChanged && stopRound !== undefined) return
    isChanged = true
    plan()
  }

  function beat(): void {
    for (const page of open.values()) tell(page, { type: 'beat' })
    stopBeat = delay(beat, beatIntervalInMs)
  }

  return {
    note,
    subscribe(key, render, listener) {
      if (open.size === 0) {
        stopWatching = watch(note)
        stopBeat = delay(beat, beatIntervalInMs)
      }
      let page = open.get(key)
      if (page === undefined)
        open.set(key, (page = { render, listeners: new Set(), last: undefined, isAway: false }))
      page.listeners.add(listener)
      const { last, isAway } = page
      // The listener gets the state of the last round, if there was one. `note` begins the next round.
      if (isAway) listener({ type: 'away' })
      else if (last !== undefined) listener(last)
      note()
      return () => {
        page.listeners.delete(listener)
        if (page.listeners.size === 0) open.delete(key)
        if (open.size > 0) return
        for (const stop of [stopWatching, stopBeat, stopRound]) stop?.()
        stopRound = undefined
        isChanged = false
      }
    },
  }
}

function delayUnreferenced(callback: () => void, inMs: number): () => void {
  const timer = setTimeout(callback, inMs)
  timer.unref()
  return () => clearTimeout(timer)
}
