import type { EndpointStatus } from '@taskhook/outbox'
import { ConfigError, loadConfig } from '@taskhook/sender'
import { checkEndpoint } from '../../wire/check/check-endpoint.ts'
import type { Section } from '../../wire/secret/find-section.ts'
import type { Diagnosis } from './diagnosis.ts'

/** What {@link examineConfiguration} goes by. */
export interface ConfigurationOptions {
  file: string
  env: Readonly<Record<string, string | undefined>>
  connect: boolean
  /** Milliseconds since 1970. */
  now: number
  /** What the outbox knows of endpoints. */
  endpoints: readonly EndpointStatus[]
}

const expiresWithinInMs = 30 * 24 * 60 * 60 * 1000

/** Examines a configuration file, and whether what the outbox has belongs to it. */
export async function examineConfiguration({
  file,
  env,
  connect,
  now,
  endpoints,
}: ConfigurationOptions): Promise<Diagnosis[]> {
  const sections = await loadConfig(file, { env }).catch((error: unknown) => error)
  if (ConfigError.isInstance(sections)) {
    return [{ examination: 'configuration', level: 'error', message: sections.message }]
  }
  if (!Array.isArray(sections)) throw sections
  const diagnoses: Diagnosis[] = []
  const enabled = new Set<string>()
  for (const section of sections as Section[]) {
    const { endpointId, findings, certificates } = await checkEndpoint(section, {
      connect,
      now,
      expiresWithinInMs,
    })
    const id = endpointId ?? 'an endpoint'
    if (section.enabled) enabled.add(id)
    for (const { level, code, message } of findings) {
      const examination = code.startsWith('certificate_') ? 'certificates' : 'configuration'
      diagnoses.push({ examination, level, message: `${id}: ${message}` })
    }
    if (certificates.length > 0 && !findings.some(({ code }) => code.startsWith('certificate_'))) {
      const [first] = certificates.toSorted((a, b) => a.validTo.getTime() - b.validTo.getTime())
      const until = first!.validTo.toISOString().slice(0, 10)
      diagnoses.push({ examination: 'certificates', level: 'ok', message: `${id}: valid until ${until}` })
    }
  }
  return [...diagnoses, ...findDrift(enabled, endpoints)]
}

function findDrift(enabled: ReadonlySet<string>, endpoints: readonly EndpointStatus[]): Diagnosis[] {
  const drift: Diagnosis[] = []
  for (const { id, pending } of endpoints) {
    if (enabled.has(id) || pending === 0) continue
    drift.push({
      examination: 'drift',
      level: 'error',
      message: `${id}: deliveries are pending, and it is not in the configuration, or not enabled`,
    })
  }
  for (const id of enabled) {
    if (endpoints.some((endpoint) => endpoint.id === id && endpoint.isDispatched)) continue
    drift.push({
      examination: 'drift',
      level: 'warning',
      message: `${id}: it is configured, and no started process delivers to it`,
    })
  }
  if (drift.length > 0) return drift
  return [{ examination: 'drift', level: 'ok', message: 'the outbox and the configuration fit' }]
}
