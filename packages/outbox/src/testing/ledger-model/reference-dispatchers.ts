import type { EndpointControl, PartitionKey } from '../../ledger.ts'

/** Who has joined and what they own, and what is decided about endpoints: as any ledger must have it. */
export class ReferenceDispatchers {
  readonly beats: Map<string, number> = new Map()
  generation = 0
  revision = 0
  readonly #partitions = new Map<string, { owner: string | undefined; epoch: number }>()
  readonly #endpoints = new Map<
    string,
    { revision: number; paused?: 'operator' | 'gone'; circuit?: { until: number; openings: number } }
  >()

  join(id: string): void {
    if (!this.beats.has(id)) this.beats.set(id, 0)
    this.generation += 1
  }

  beat(id: string): boolean {
    const beat = this.beats.get(id)
    if (beat !== undefined) this.beats.set(id, beat + 1)
    return beat !== undefined
  }

  leave(id: string): void {
    if (!this.beats.delete(id)) return
    for (const partition of this.#partitions.values()) {
      if (partition.owner === id) partition.owner = undefined
    }
    this.generation += 1
  }

  /** The epoch of a partition that it got. */
  acquire(id: string, key: PartitionKey): number | undefined {
    const partition = this.#partitions.get(nameOf(key)) ?? { owner: undefined, epoch: 0 }
    if (!this.beats.has(id) || (partition.owner !== undefined && partition.owner !== id)) return undefined
    if (partition.owner === undefined) partition.epoch += 1
    partition.owner = id
    this.#partitions.set(nameOf(key), partition)
    return partition.epoch
  }

  release(id: string, key: PartitionKey, epoch: number): void {
    if (!this.owns(id, key, epoch)) return
    this.#partitions.get(nameOf(key))!.owner = undefined
    this.generation += 1
  }

  owns(id: string, key: PartitionKey, epoch: number): boolean {
    const partition = this.#partitions.get(nameOf(key))
    return partition?.owner === id && partition.epoch === epoch
  }

  isOwned(key: PartitionKey): boolean {
    return this.#partitions.get(nameOf(key))?.owner !== undefined
  }

  decide(endpointId: string, change: { pauses?: 'operator' | 'gone'; resumes?: true } = {}): void {
    const endpoint = this.#endpoint(endpointId)
    if (change.resumes === true) delete endpoint.paused
    if (change.pauses === 'operator') endpoint.paused = 'operator'
    if (change.pauses === 'gone') endpoint.paused ??= 'gone'
  }

  setCircuit(endpointId: string, circuit: { until: number; openings: number } | undefined): void {
    const endpoint = this.#endpoint(endpointId)
    delete endpoint.circuit
    if (circuit !== undefined) endpoint.circuit = circuit
  }

  /** What is decided, of those that something was decided about after a revision. */
  controls(since: number, now: number): Omit<EndpointControl, 'revision'>[] {
    return [...this.#endpoints]
      .filter(([, { revision }]) => revision > since)
      .map(([id, { paused, circuit }]) => {
        const control: Omit<EndpointControl, 'revision'> = { id }
        if (paused !== undefined) control.paused = paused
        if (circuit !== undefined) {
          control.circuit = { openForInMs: Math.max(0, circuit.until - now), openings: circuit.openings }
        }
        return control
      })
      .toSorted((a, b) => a.id.localeCompare(b.id))
  }

  /** An endpoint that something is decided about. */
  #endpoint(id: string) {
    this.revision += 1
    const endpoint = this.#endpoints.get(id) ?? { revision: 0 }
    endpoint.revision = this.revision
    this.#endpoints.set(id, endpoint)
    return endpoint
  }
}

function nameOf({ endpointId, partition }: PartitionKey): string {
  return `${endpointId} ${partition}`
}
