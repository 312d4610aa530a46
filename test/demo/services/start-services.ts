import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startTestServer } from '@taskhook/postgres/testing'
import { startExample, type ExampleProcess } from './example-process.ts'
import { openTcpForwarder } from './tcp-forwarder.ts'

/** The two receivers, by the end of their folder's name. */
export const receiverNames = ['express', 'fastify'] as const
export type ReceiverName = (typeof receiverNames)[number]

/** A service that listens, and can be started again once it has ended. */
export interface Service {
  url: string
  /** The one that runs, or did last. */
  readonly process: ExampleProcess
  /** Starts it at the same address. */
  startAgain(): Promise<void>
}

/** A receiver, and what the automation service knows of it. */
export interface Receiver extends Service {
  name: ReceiverName
  /** The secret that it is sent webhooks with. */
  secret: string
  key: string
}

/** All three services, connected to each other. */
export interface Services extends AsyncDisposable {
  automation: Service
  receivers: readonly Receiver[]
  /** Starts another automation service on the same database. */
  startNode(): Promise<Service>
  /** Says which automation service the receivers fetch tasks from: the first one, if nothing is said. */
  fetchFrom(node: Service): void
  /** Where the outbox is, and then the inboxes: URLs for `openLedger`. */
  databases: readonly { name: string; url: string }[]
  signal: AbortSignal
}

/** How the services are started. */
export interface ServicesOptions {
  /** Ends all waiting. */
  signal: AbortSignal
  /** Keeps tasks and outbox on a PostgreSQL server of the demo's own, instead of a SQLite file. Default false. */
  postgres?: boolean
  /** Secrets that receivers believe in other than the one they are sent webhooks with. Default: none. */
  wrongSecrets?: Partial<Record<ReceiverName, string>>
}

// How long what a dead node had claimed waits for another one; the default is 15 seconds.
const leaseInMs = 2000
// The default one is for outages of hours. The last waits are for slow machines, where a receiver needs long to be back.
const retrySchedule = ['PT0S', 'PT1S', 'PT2S', 'PT5S', 'PT5S', 'PT5S']

/** Starts the three services on free ports, with new secrets and an empty database in a temporary folder. */
export async function startServices({
  signal,
  postgres = false,
  wrongSecrets = {},
}: ServicesOptions): Promise<Services> {
  await using started = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'taskhook-demo-'))
  started.defer(() => rm(folder, { recursive: true }))
  const database = postgres ? await startDatabase(started, signal) : 'sqlite:automation.db'
  const automationAddress = started.use(await openTcpForwarder())
  const processes = started.use(new AsyncDisposableStack())

  async function start(startAt: (port: number) => ExampleProcess): Promise<Service> {
    let process = startAt(0)
    processes.defer(async () => void (await process.stop()))
    const url = await process.listening()
    return {
      url,
      get process() {
        return process
      },
      async startAgain() {
        process = startAt(Number(new URL(url).port))
        await process.listening()
      },
    }
  }

  const receivers = await Promise.all(
    receiverNames.map(async (name): Promise<Receiver> => {
      const secret = `whsec_${randomBytes(32).toString('base64')}`
      const key = `demo-${name}`
      const service = await start((port) => {
        const env = {
          HOST: '127.0.0.1',
          PORT: String(port),
          WEBHOOK_SECRET: wrongSecrets[name] ?? secret,
          WEBHOOK_KEY: key,
          AUTOMATION_URL: automationAddress.url,
          DATABASE: join(folder, `receiver-${name}.db`),
        }
        return startExample({ example: `receiver-${name}`, env, signal })
      })
      return Object.assign(service, { name, secret, key })
    }),
  )

  const webHook = receivers.map(({ name, url, key }) => ({
    enabled: true,
    id: name,
    endpoint: `${url}/automation`,
    key,
    secret: `\${${secretVariable(name)}}`,
    retrySchedule,
  }))
  const env = Object.fromEntries(receivers.map(({ name, secret }) => [secretVariable(name), secret]))
  let nodeCount = 0
  function startNode(): Promise<Service> {
    const configFile = join(folder, `config-${(nodeCount += 1)}.json`)
    return start((port) => {
      const config = { port, database, leaseInMs, logLevel: 'debug', webHook }
      writeFileSync(configFile, JSON.stringify(config))
      return startExample({ example: 'automation-service', arguments: [configFile], env, signal })
    })
  }
  const automation = await startNode()
  automationAddress.forwardTo(automation.url)

  const all = started.move()
  return {
    automation,
    receivers,
    startNode,
    fetchFrom: ({ url }) => automationAddress.forwardTo(url),
    databases: [
      { name: 'automation', url: postgres ? database : `sqlite:${join(folder, 'automation.db')}` },
      ...receiverNames.map((name) => ({ name, url: `sqlite:${join(folder, `receiver-${name}.db`)}` })),
    ],
    signal,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}

async function startDatabase(started: AsyncDisposableStack, signal: AbortSignal): Promise<string> {
  const server = await startTestServer({ isDurable: true, signal })
  started.defer(() => server.remove())
  return server.url
}

function secretVariable(name: ReceiverName): string {
  return `SECRET_OF_${name.toUpperCase()}`
}
