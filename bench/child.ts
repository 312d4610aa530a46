import { fork } from 'node:child_process'
import { once } from 'node:events'

/** A process of its own that answers one question after the other. */
export interface Child<Question, Answer> extends AsyncDisposable {
  ask: (question: Question) => Promise<Answer>
}

/** Starts a script that calls {@link answerParent}, with the flags of this process unless others are given. */
export function startChild<Question extends object, Answer>(
  script: URL,
  { flags = process.execArgv }: { flags?: readonly string[] } = {},
): Child<Question, Answer> {
  const child = fork(script, { env: { ...process.env, NODE_ENV: 'production' }, execArgv: [...flags] })
  const exited = once(child, 'exit')
  return {
    ask: (question) =>
      new Promise((resolve, reject) => {
        const onExit = (): void => reject(new Error(`${script.pathname} ended before it answered`))
        child.once('exit', onExit)
        child.once('message', (answer) => {
          child.off('exit', onExit)
          resolve(answer as Answer)
        })
        child.send(question, (error) => {
          if (error !== null) reject(error)
        })
      }),
    async [Symbol.asyncDispose]() {
      if (child.connected) child.disconnect()
      await exited
    },
  }
}

/** Answers the questions of the process that started this one, and ends with it. */
export function answerParent(answer: (question: unknown) => Promise<object>): void {
  const send = async (question: unknown): Promise<void> => {
    process.send?.(await answer(question))
  }
  process.on('message', (question) => void send(question))
  process.once('disconnect', () => process.exit())
}
