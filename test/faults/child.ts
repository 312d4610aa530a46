import { fork } from 'node:child_process'
import { once } from 'node:events'

/** A process of its own, and how it is spoken with. */
export interface Child extends AsyncDisposable {
  /** Its number as a process. */
  pid: number
  /** The next message that says `kind`; what it has. */
  message<T>(kind: string): Promise<T>
  tell(message: object): void
  signal(name: NodeJS.Signals): void
  /** How it ended: its exit code, or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals>
}

/** Starts a script of this folder with options; when it is disposed, it is killed. */
export function startChild(script: string, options: object): Child {
  const child = fork(new URL(script, import.meta.url), [JSON.stringify(options)], {
    execArgv: ['--conditions=taskhook-source'],
    serialization: 'advanced',
  })
  const ended = once(child, 'exit').then(([code, signal]) => (signal ?? code) as number | NodeJS.Signals)
  const kept: Message[] = []
  const waiting: { kind: string; resolve: (message: Message) => void }[] = []
  child.on('message', (message: Message) => {
    const index = waiting.findIndex(({ kind }) => kind === message.kind)
    if (index === -1) kept.push(message)
    else waiting.splice(index, 1)[0]?.resolve(message)
  })

  return {
    pid: child.pid!,
    async message<T>(kind: string) {
      const index = kept.findIndex((message) => message.kind === kind)
      if (index !== -1) return kept.splice(index, 1)[0] as T
      const ending = ended.then((end): never => {
        throw new Error(`${script} ended with ${end}, and never said ${kind}`)
      })
      return (await Promise.race([
        new Promise<Message>((resolve) => waiting.push({ kind, resolve })),
        ending,
      ])) as T
    },
    // To one that has ended, it goes nowhere: `ended` and `message` say so.
    tell: (message) => void child.send(message, () => {}),
    signal: (name) => void child.kill(name),
    ended,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

interface Message {
  kind: string
}
