import { expect } from 'vitest'
import type { NewDelivery } from '../../delivery.ts'
import type { SettledAttempt } from '../../ledger.ts'
import type { OpenStore } from '../ledger-contract/ledger-store.ts'
import { idsOf } from '../look.ts'
import { newDelivery } from '../new-delivery.ts'
import { createModelDispatcher, withoutNumber } from './model-dispatcher.ts'
import type { Model } from './model.ts'
import { ReferenceDeliveries } from './reference-deliveries.ts'
import { ReferenceDispatchers } from './reference-dispatchers.ts'
import { ReferenceStarts } from './reference-starts.ts'
import type { Step, StepDelivery } from './step.ts'

/**
 * Does the same to a ledger and to the reference: every answer is the same, and after each step every delivery that was
 * accepted is in the same one state. At the end everything is drained; resolves to what is still pending then.
 */
export async function runSteps<T>(opened: OpenStore<T>, steps: readonly Step[]): Promise<string[]> {
  const { store, ledger, time } = opened
  const { dispatch, operate } = ledger
  const deliveries = new ReferenceDeliveries(dispatch.partitionCount)
  const dispatchers = new ReferenceDispatchers()
  const starts = new ReferenceStarts()
  const transactions: Awaited<ReturnType<typeof store.begin>>[] = []
  const model: Model = {
    deliveries,
    dispatchers,
    starts,
    epochs: new Map(),
    now: time.now,
    isTransactionOpen: () => transactions.length > 0,
  }
  const players = [0, 1, 2].map((index) => createModelDispatcher(`dispatcher ${index}`, ledger, model))
  const endpointIds = ['endpoint 0', 'endpoint 1']
  /** In the order accepted; those that were refused keep their numbers, so that no id is used twice. */
  const accepted: string[] = []
  /** Revisions at some time, as the ledger had them and as the reference did. */
  const marks = [{ real: 0, reference: 0 }]
  let versions = { generation: 0, revision: 0 }
  let known = { ...versions }
  let purgedCount = 0

  function toDeliveries(given: readonly StepDelivery[], hasKeys: boolean): NewDelivery[] {
    return given.map(({ endpoint, key, idempotency, wait }, index) =>
      newDelivery(`${accepted.length + index}`, {
        endpointId: endpointIds[endpoint]!,
        orderingKey: `key ${key}`,
        ...(hasKeys && idempotency !== undefined && { idempotencyKey: `${idempotency}` }),
        ...(wait > 0 && { delayInMs: wait }),
      }),
    )
  }

  async function end(commits: boolean): Promise<void> {
    for (const transaction of transactions.splice(0)) {
      await (commits ? transaction.commit() : transaction.rollBack())
    }
    deliveries.end(commits)
  }

  async function run(step: Step): Promise<void> {
    const player = 'dispatcher' in step ? players[step.dispatcher]! : players[0]!
    const endpointId = 'endpoint' in step ? endpointIds[step.endpoint]! : ''
    switch (step.do) {
      case 'enqueue': {
        const given = toDeliveries(step.deliveries, true)
        const answers = await ledger.enqueue(given)
        expect(answers).toEqual(deliveries.enqueue(given, time.now()))
        accepted.push(...given.map(({ id }, index) => (answers[index]!.isRepeat ? 'refused' : id)))
        return
      }
      case 'begin': {
        // Without idempotency keys: whether one is a repeat is known when the transaction has ended.
        const given = toDeliveries(step.deliveries, false)
        const application = await store.begin()
        transactions.push(application)
        await ledger.enqueue(given, { transaction: application.transaction })
        deliveries.enqueue(given, time.now(), false)
        accepted.push(...idsOf(given))
        return
      }
      case 'end':
        return end(step.commits)
      case 'join':
        dispatchers.join(player.id)
        return dispatch.join({ id: player.id, place: 'here', endpointIds })
      case 'beat': {
        const { isMember, beats } = await dispatch.beat(player.id)
        expect(isMember).toBe(dispatchers.beat(player.id))
        expect(idsOf(beats)).toEqual([...dispatchers.beats.keys()].toSorted())
        return
      }
      case 'leave':
        dispatchers.leave(player.id)
        return dispatch.leave(player.id)
      case 'bury': {
        const found = (await dispatch.listDispatchers()).find(({ id }) => id === player.id)
        const beat = (found?.beat ?? 0) - (step.isStale ? 1 : 0)
        const isBuried = found !== undefined && !step.isStale
        expect(await dispatch.bury([{ id: player.id, beat }])).toBe(isBuried ? 1 : 0)
        if (isBuried) dispatchers.leave(player.id)
        return
      }
      case 'acquire':
        return player.acquire(endpointId, step.half)
      case 'release':
        return player.release(endpointId, step.half)
      case 'readNew':
        return player.readNew()
      case 'readBacklog':
        return void (await player.readBacklog(endpointId, step.limit))
      case 'readDue':
        return player.readDue(endpointId, step.limit)
      case 'settle': {
        const { state, wait, isGone } = step
        const outcome = isGone ? 'gone' : state === 'delivered' ? 'delivered' : 'retry'
        const attempt: SettledAttempt = { startedAgoInMs: 3, durationInMs: 1, outcome }
        return player.settle(step.deliveries, {
          state,
          attempt,
          ...(state === 'pending' && { retryInMs: wait }),
        })
      }
      case 'settleWithin':
        return player.settleWithin(step.delivery, step.commits)
      case 'noteStart':
        return player.noteStart(step.delivery, step.isAlone)
      case 'noteEnd':
        return player.noteEnd(step.delivery, step.isSettled)
      case 'readLine': {
        const orderingKey = `key ${step.key}`
        const [line] = await dispatch.readLines([{ endpointId, orderingKey, after: 0, limit: 100 }])
        const expected = deliveries
          .pending()
          .filter(({ given }) => given.endpointId === endpointId && given.orderingKey === orderingKey)
        expect(line!.map(withoutNumber)).toEqual(
          expected.map((entry) => deliveries.toRead(entry, time.now())),
        )
        return
      }
      case 'readPending':
        return player.readPending()
      case 'pause':
        dispatchers.decide(endpointId, { pauses: 'operator' })
        return operate.pauseEndpoint(endpointId)
      case 'resume':
        dispatchers.decide(endpointId, { resumes: true })
        dispatchers.setCircuit(endpointId, undefined)
        return operate.resumeEndpoint(endpointId)
      case 'openCircuit':
        dispatchers.setCircuit(endpointId, { until: time.now() + step.forInMs, openings: 2 })
        return dispatch.setCircuit(endpointId, { state: 'open', forInMs: step.forInMs, openings: 2 })
      case 'closeCircuit':
        dispatchers.setCircuit(endpointId, undefined)
        return dispatch.setCircuit(endpointId, { state: 'closed' })
      case 'readEndpoints': {
        const mark = marks.at(-1 - step.mark) ?? marks[0]!
        const controls = (await dispatch.readEndpoints(mark.real)).map((control) => {
          const { revision: _, ...decided } = control
          return decided
        })
        expect(controls.toSorted((x, y) => x.id.localeCompare(y.id))).toEqual(
          dispatchers.controls(mark.reference, time.now()),
        )
        return
      }
      case 'resend': {
        const id = accepted.at(-1 - step.delivery) ?? 'unknown'
        const done = deliveries.resend(id, time.now())
        if (done === 'hurried' || done === 'let go') {
          const { given, number } = deliveries.find((entry) => entry.given.id === id)!
          dispatchers.decide(given.endpointId)
          if (done === 'let go') starts.forget(number)
        }
        expect(await operate.resend(id)).toBe(done !== 'unknown')
        return
      }
      case 'cancel': {
        const id = accepted.at(-1 - step.delivery) ?? 'unknown'
        const canceledAt = deliveries.cancel(id, time.now())
        if (canceledAt !== undefined) dispatchers.decide(canceledAt)
        expect(await operate.cancel(id)).toBe(canceledAt !== undefined)
        return
      }
      case 'pass':
        return time.pass(step.timeInMs)
      case 'setBack':
        time.pass(-step.timeInMs)
        expect(await dispatch.shortenWaits(1000)).toBe(deliveries.shortenWaits(time.now()))
        return
      case 'purge': {
        const count = await dispatch.purge(step.ageInMs, step.limit)
        // Some ledgers take all that was delivered at the same time; the contract has the limit.
        const expected = deliveries.purge(time.now() - step.ageInMs, Math.max(step.limit, count))
        expect(count).toBe(expected)
        purgedCount += count
      }
    }
  }

  async function expectSame(): Promise<void> {
    const records = (await operate.listDeliveries({}, { limit: 1000 })).deliveries
    const visible = deliveries.entries.filter(({ isVisible }) => isVisible)
    const expected = visible
      .toSorted((a, b) => b.number - a.number)
      .map((entry) => {
        const { endpointId } = entry.given
        const isOwned = dispatchers.isOwned({ endpointId, partition: deliveries.partitionOf(entry) })
        return deliveries.toRecord(entry, time.now(), isOwned)
      })
    expect(records).toEqual(expected)

    const current = await dispatch.readNew(undefined, 1)
    if (dispatchers.generation > known.generation) {
      expect(current.generation).toBeGreaterThan(versions.generation)
    }
    if (dispatchers.revision > known.revision) expect(current.revision).toBeGreaterThan(versions.revision)
    versions = { generation: current.generation, revision: current.revision }
    known = { generation: dispatchers.generation, revision: dispatchers.revision }
    marks.push({ real: versions.revision, reference: known.revision })
  }

  for (const step of steps) {
    // Where writes are serialized, none can be made beside one that is open.
    if (store.isSerialized && transactions.length > 0 && step.do !== 'end') await end(true)
    await run(step)
    await expectSame()
  }
  await end(true)
  await expectSame()
  for (const { given, attempts } of deliveries.entries) {
    expect(await operate.getDelivery(given.id)).toMatchObject({ attempts })
  }
  const rolledBackOrPurged = accepted.filter(
    (id) => id !== 'refused' && !deliveries.entries.some(({ given }) => given.id === id),
  )
  expect(rolledBackOrPurged.length).toBeGreaterThanOrEqual(purgedCount)

  // The dispatchers have died. Every round of the last one ends the first one of each ordering key.
  const dead = await dispatch.listDispatchers()
  await dispatch.bury(dead)
  for (const { id } of dead) dispatchers.leave(id)
  const last = createModelDispatcher('last', ledger, model)
  await dispatch.join({ id: 'last', place: 'here', endpointIds })
  dispatchers.join('last')
  for (const endpointId of endpointIds) await last.acquire(endpointId, 2)
  for (let round = 0; round <= accepted.length && deliveries.pending().length > 0; round += 1) {
    time.pass(1000)
    for (const endpointId of endpointIds) {
      const read = await last.readBacklog(endpointId, 1000)
      const ready = read.flatMap((entry, index) =>
        deliveries.isHead(entry) ? [read.length - 1 - index] : [],
      )
      await last.settle(ready, {
        state: 'delivered',
        attempt: { startedAgoInMs: 0, durationInMs: 1, outcome: 'delivered' },
      })
    }
  }
  await expectSame()
  return idsOf((await operate.listDeliveries({ state: 'pending' }, { limit: 1000 })).deliveries)
}
