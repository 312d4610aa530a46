import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startExample, type ExampleProcess } from './example-process.ts'
import { openTcpForwarder } from './tcp-forwarder.ts'

/** The two receivers, by the end of their folder's name. */
export const receiverNames = ['express', 'fastify'] as const
export type ReceiverName = (typeof receiverNames)[number]

/** A service that listens. */
interface Service {
  process: ExampleProcess
  url: string
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
  signal: AbortSignal
}

/** How the services are started. */
export interface ServicesOptions {
  /** Ends all waiting. */
  signal: AbortSignal
  /** Secrets that receivers believe in other than the one they are sent webhooks with. Default: none. */
  wrongSecrets?: Partial<Record<ReceiverName, string>>
}

/** Starts the three services on free ports, with new secrets and an empty database in a temporary folder. */
export async function startServices({ signal, wrongSecrets = {} }: ServicesOptions): Promise<Services> {
  await using started = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'taskhook-demo-'))
  started.defer(() => rm(folder, { recursive: true }))
  const automationAddress = started.use(await openTcpForwarder())

  const receivers = await Promise.all(
    receiverNames.map(async (name): Promise<Receiver> => {
      const secret = `whsec_${randomBytes(32).toString('base64')}`
      const key = `demo-${name}`
      const env = {
        HOST: '127.0.0.1',
        PORT: '0',
        WEBHOOK_SECRET: wrongSecrets[name] ?? secret,
        WEBHOOK_KEY: key,
        AUTOMATION_URL: automationAddress.url,
      }
      const process = started.use(startExample({ example: `receiver-${name}`, env, signal }))
      return { name, process, url: await process.listening(), secret, key }
    }),
  )

  const configFile = join(folder, 'config.json')
  const config = {
    port: 0,
    database: 'automation.db',
    webHook: receivers.map(({ name, url, key }) => ({
      enabled: true,
      id: name,
      endpoint: `${url}/automation`,
      key,
      secret: `\${${secretVariable(name)}}`,
    })),
  }
  await writeFile(configFile, JSON.stringify(config))
  const process = started.use(
    startExample({
      example: 'automation-service',
      arguments: [configFile],
      env: Object.fromEntries(receivers.map(({ name, secret }) => [secretVariable(name), secret])),
      signal,
    }),
  )
  const automation = { process, url: await process.listening() }
  automationAddress.forwardTo(automation.url)

  const all = started.move()
  return { automation, receivers, signal, [Symbol.asyncDispose]: () => all.disposeAsync() }
}

function secretVariable(name: ReceiverName): string {
  return `SECRET_OF_${name.toUpperCase()}`
}
