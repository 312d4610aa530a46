import { expect } from 'vitest'
import type { DeliveryRecord } from '../delivery.ts'
import type { Claim, Lease, Ledger, Settlement } from '../ledger.ts'
import { idsOf, newDelivery, startOfTime } from '../testing-ledger.ts'
import { ReferenceLedger } from './reference-ledger.ts'
import { modelLeaseInMs, type Step } from './step.ts'

/** A lease as the ledger gave it, and as the reference did: tokens need only rise. */
interface LeasePair {
  real: Lease
  reference: Lease
}

/**
 * Does the same to a ledger and to the reference: every answer is the same, and after each step every delivery that was
 * accepted is in the same one state. At the end everything is drained; resolves to what is still pending then.
 */
export async function runSteps(ledger: Ledger, steps: readonly Step[]): Promise<string[]> {
  const reference = new ReferenceLedger()
  /** In the order accepted. */
  const accepted: string[] = []
  const leases: LeasePair[] = []
  let purgedCount = 0
  let now = startOfTime

  async function listAll(): Promise<DeliveryRecord[]> {
    return (await ledger.listDeliveries({}, { limit: 1000 })).deliveries
  }

  async function claim(endpointId: string, owner: string, limit: number): Promise<LeasePair[]> {
    const request = { endpointId, owner, limit, now, leaseEndsAt: now + modelLeaseInMs }
    const before = await listAll()
    const claims = await ledger.claim(request)
    const expected = reference.claim(request)
    for (const { id } of claims) expectFirstOfItsKey(id, before)
    const [real, same] = [byId(claims), byId(expected)]
    expect(real.map(withoutToken)).toEqual(same.map(withoutToken))
    for (const { id, token } of real) {
      const former = leases.filter((pair) => pair.real.id === id).map((pair) => pair.real.token)
      expect(token).toBeGreaterThan(Math.max(-1, ...former))
    }
    const pairs = real.map((each, index) => ({ real: each, reference: same[index]! }))
    leases.push(...pairs)
    return pairs
  }

  async function settle(
    pair: LeasePair,
    given: Pick<Settlement, 'state' | 'attempt' | 'readyAt'>,
  ): Promise<void> {
    const toSettlement = ({ id, token }: Lease): Settlement => ({ ...given, lease: { id, token }, now })
    expect(await ledger.settle(toSettlement(pair.real))).toBe(reference.settle(toSettlement(pair.reference)))
  }

  async function run(step: Step): Promise<void> {
    switch (step.do) {
      case 'enqueue': {
        const deliveries = step.deliveries.map(({ endpoint, key, idempotency, wait }, index) =>
          newDelivery(`${accepted.length + index}`, {
            endpointId: `endpoint ${endpoint}`,
            orderingKey: `key ${key}`,
            ...(idempotency !== undefined && { idempotencyKey: `${idempotency}` }),
            acceptedAt: now,
            readyAt: now + wait,
          }),
        )
        const answers = await ledger.enqueue(deliveries)
        expect(answers).toEqual(reference.enqueue(deliveries))
        // Those that were refused keep their numbers, so that no id is used twice.
        accepted.push(...deliveries.map(({ id }, index) => (answers[index]!.isRepeat ? 'refused' : id)))
        return
      }
      case 'claim':
        await claim(`endpoint ${step.endpoint}`, `owner ${step.owner}`, step.limit)
        return
      case 'settle': {
        const pair = latest(leases, step.lease)
        if (pair === undefined) return
        const { state } = step
        const attempt = {
          startedAt: now,
          durationInMs: 1,
          outcome: state === 'delivered' ? ('delivered' as const) : ('retry' as const),
        }
        if (state !== 'pending') return settle(pair, { state, attempt })
        const readyAt = now + step.wait
        return settle(pair, { state, attempt: { ...attempt, nextAttemptAt: readyAt }, readyAt })
      }
      case 'renew': {
        const pairs = [...new Set(step.leases.flatMap((index) => latest(leases, index) ?? []))]
        const endsAt = now + modelLeaseInMs
        const renewed = await ledger.renew(
          pairs.map(({ real: { id, token } }) => ({ id, token })),
          endsAt,
          now,
        )
        const expected = reference.renew(
          pairs.map((pair) => pair.reference),
          endsAt,
        )
        expect(idsOf(renewed).toSorted()).toEqual(idsOf(expected).toSorted())
        return
      }
      case 'release': {
        const pairs = step.leases.flatMap((index) => latest(leases, index) ?? [])
        await ledger.release(
          pairs.map(({ real: { id, token } }) => ({ id, token })),
          now,
        )
        reference.release(
          pairs.map((pair) => pair.reference),
          now,
        )
        return
      }
      case 'crash': {
        const isAlive = (owner: string): boolean => owner !== `owner ${step.owner}`
        expect(await ledger.recover(isAlive, now)).toBe(reference.recover(isAlive, now))
        return
      }
      case 'pass':
        now += step.timeInMs
        return
      case 'pause':
        await ledger.pauseEndpoint(`endpoint ${step.endpoint}`, 'operator', now)
        reference.paused.add(`endpoint ${step.endpoint}`)
        return
      case 'resume':
        await ledger.resumeEndpoint(`endpoint ${step.endpoint}`, now)
        reference.paused.delete(`endpoint ${step.endpoint}`)
        return
      case 'resend': {
        const id = latest(accepted, step.delivery) ?? 'unknown'
        expect(await ledger.resend(id, now)).toBe(reference.resend(id, now))
        return
      }
      case 'cancel': {
        const id = latest(accepted, step.delivery) ?? 'unknown'
        expect(await ledger.cancel(id, now)).toBe(reference.cancel(id, now))
        return
      }
      case 'purge': {
        const count = await ledger.purge(now - step.ageInMs, step.limit)
        // Some ledgers take all that was delivered at the same time; the contract has the limit.
        expect(count).toBe(reference.purge(now - step.ageInMs, Math.max(step.limit, count)))
        purgedCount += count
      }
    }
  }

  async function expectSame(): Promise<void> {
    const all = await listAll()
    expect(all).toEqual(reference.list())
    expect(all.length + purgedCount).toBe(accepted.filter((id) => id !== 'refused').length)
    expectOneInFlightOfEachKey(all)
    expect(new Set(await ledger.listPaused())).toEqual(reference.paused)
    for (const id of ['endpoint 0', 'endpoint 1']) {
      expect(await ledger.nextReadyAt(id, now)).toBe(reference.nextReadyAt(id))
    }
  }

  for (const step of steps) {
    await run(step)
    await expectSame()
  }
  for (const { given, attempts } of reference.entries) {
    expect(await ledger.getDelivery(given.id)).toMatchObject({ attempts })
  }

  // Every round ends the first one of each ordering key.
  for (let round = 0; round <= accepted.length; round += 1) {
    now += 1000
    for (const endpointId of ['endpoint 0', 'endpoint 1']) {
      for (const pair of await claim(endpointId, 'last', 100)) {
        const attempt = { startedAt: now, durationInMs: 1, outcome: 'delivered' } as const
        await settle(pair, { state: 'delivered', attempt })
      }
    }
    if (reference.list().every(({ state }) => state !== 'pending')) break
  }
  await expectSame()
  return idsOf((await ledger.listDeliveries({ state: 'pending' }, { limit: 1000 })).deliveries)
}

function withoutToken(claim: Claim): Claim {
  return { ...claim, token: 0 }
}

/** Nothing of its ordering key that was accepted before it is pending, said of the list as it was before the claim. */
function expectFirstOfItsKey(id: string, latestFirst: readonly DeliveryRecord[]): void {
  const position = latestFirst.findIndex((delivery) => delivery.id === id)
  const claimed = latestFirst[position]!
  const earlier = latestFirst.slice(position + 1).filter((other) => keyOf(other) === keyOf(claimed))
  expect(earlier.filter(({ state }) => state === 'pending')).toEqual([])
}

function expectOneInFlightOfEachKey(deliveries: readonly DeliveryRecord[]): void {
  const keys = deliveries.filter(({ isInFlight }) => isInFlight).map(keyOf)
  expect(keys.toSorted()).toEqual([...new Set(keys)].toSorted())
}

function keyOf({ endpointId, orderingKey }: DeliveryRecord): string {
  return `${endpointId}, ${orderingKey}`
}

function latest<T>(list: readonly T[], index: number): T | undefined {
  return list.at(-1 - index)
}

function byId<T extends { id: string }>(list: readonly T[]): T[] {
  return list.toSorted((a, b) => a.id.localeCompare(b.id))
}
