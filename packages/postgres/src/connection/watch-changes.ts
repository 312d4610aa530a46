import type { PostgresConnection } from './postgres-client.ts'

/** Tells of what others do, see {@link createChangeWatcher}. */
export interface ChangeWatcher {
  /** Calls back after a change; returns what ends it. */
  watch(listener: () => void): () => void
  close(): void
}

/** Options of {@link createChangeWatcher}. */
export interface ChangeWatcherOptions {
  /** Opens the connection that listens; without it, there is only looking now and then. */
  connect: (() => Promise<PostgresConnection>) | undefined
  channel: string
  /** Whose notifications are left out: this ledger's own. */
  sender: string
}

const lookIntervalInMs = 1000
// While the connection is there, in case it is but says nothing: a pooler in between, or a server that has vanished.
const lookIntervalWhileListeningInMs = 5000
const firstRetryInMs = 250
const longestRetryInMs = 10_000
// Notifications may come by the hundred; a look answers all of them.
const leastIntervalInMs = 25

/**
 * Listens on a connection of its own while there are watchers, and gets another one when it is lost. Beneath that, it tells its
 * watchers to look every second, or every five while it listens: so a notification that is lost costs seconds, and no delivery.
 */
export function createChangeWatcher({ connect, channel, sender }: ChangeWatcherOptions): ChangeWatcher {
  const listeners = new Set<() => void>()
  let connection: PostgresConnection | undefined
  let isListening = false
  let isAnswering = true
  let looksTimer: NodeJS.Timeout | undefined
  let tellTimer: NodeJS.Timeout | undefined
  let retryTimer: NodeJS.Timeout | undefined
  let retryInMs = firstRetryInMs
  let lastLookAt = 0
  let lastTellAt = 0

  function tell(): void {
    if (tellTimer !== undefined) return
    const wait = Math.max(0, lastTellAt + leastIntervalInMs - performance.now())
    tellTimer = setTimeout(() => {
      tellTimer = undefined
      lastTellAt = performance.now()
      for (const listener of listeners) listener()
    }, wait).unref()
  }

  async function listen(): Promise<void> {
    if (connect === undefined) return
    let mine: PostgresConnection
    try {
      mine = await connect()
    } catch {
      return lost()
    }
    // The last watcher has gone, or another one has come and has its own.
    if (listeners.size === 0 || connection !== undefined) return mine.release(true)
    connection = mine
    mine.on('error', lost)
    mine.on('notification', hear)
    try {
      await mine.query(`LISTEN "${channel}"`)
    } catch {
      if (connection === mine) lost()
    }
    if (connection !== mine) return
    isListening = true
    isAnswering = true
    retryInMs = firstRetryInMs
    // What was committed before it listened.
    tell()
  }

  function hear({ payload }: { payload?: string | undefined }): void {
    if (payload !== sender) tell()
  }

  function lost(): void {
    drop()
    if (listeners.size === 0 || retryTimer !== undefined) return
    retryTimer = setTimeout(() => {
      retryTimer = undefined
      void listen()
    }, retryInMs).unref()
    retryInMs = Math.min(2 * retryInMs, longestRetryInMs)
  }

  function drop(): void {
    isListening = false
    const old = connection
    connection = undefined
    if (old === undefined) return
    old.removeListener('error', lost)
    old.on('error', ignore)
    old.release(true)
  }

  function look(): void {
    const isTime = performance.now() >= lastLookAt + (isListening ? lookIntervalWhileListeningInMs : 0)
    if (!isTime) return
    lastLookAt = performance.now()
    if (isListening) ask()
    tell()
  }

  /** A connection whose other end has vanished looks like one on which nothing happens. */
  function ask(): void {
    if (!isAnswering) return lost()
    isAnswering = false
    connection?.query('SELECT 1').then(() => void (isAnswering = true), ignore)
  }

  function start(): void {
    looksTimer = setInterval(look, lookIntervalInMs).unref()
    void listen()
  }

  function stop(): void {
    clearInterval(looksTimer)
    clearTimeout(retryTimer)
    clearTimeout(tellTimer)
    retryTimer = undefined
    tellTimer = undefined
    drop()
  }

  return {
    watch(listener) {
      // Its own, should the same function watch twice.
      const own = (): void => listener()
      listeners.add(own)
      if (listeners.size === 1) start()
      return () => {
        if (listeners.delete(own) && listeners.size === 0) stop()
      }
    },
    close() {
      listeners.clear()
      stop()
    },
  }
}

function ignore(): void {}
