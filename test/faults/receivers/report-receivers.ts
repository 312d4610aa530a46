import { inSeconds, type Report, type Row } from '../report.ts'
import { runReceivers, type ReceiverRunOptions } from './run-receivers.ts'

/** Tries the receivers, for the table of `pnpm test:faults --receivers`. */
export async function reportReceivers(options: ReceiverRunOptions): Promise<Report> {
  const { heaps, resets, resetDeliveries, killed, isSound, durationInMs } = await runReceivers(options)
  const rows: Row[] = [
    ['deliveries to each adapter', options.deliveries],
    ...Object.entries(heaps).map(([name, { before, after, perDelivery }]): Row => [
      `${name}: heap before and after, growth a delivery`,
      `${inMegabytes(before)}, ${inMegabytes(after)}, ${perDelivery.toFixed(1)} bytes`,
    ]),
    ['deliveries over HTTP/2 to Fastify, with each store', resetDeliveries],
    ...Object.entries(resets).flatMap(([store, { resets: count, failures, lost, twice, stuck }]): Row[] => [
      [`${store}: first attempts that were reset, or lost with their connection`, count],
      [`${store}: handlers that failed`, failures],
      [`${store}: lost`, lost.length],
      [`${store}: handled twice`, twice.length],
      [`${store}: stuck`, stuck.length],
    ]),
    ['receivers killed (SIGKILL), with each store', options.kills],
    ...Object.entries(killed).flatMap(([store, { deliveries, attempts, lost, twice }]): Row[] => [
      [`${store}: deliveries, each with a write in the transaction that settles it`, deliveries],
      [`${store}: requests`, attempts],
      [`${store}: without their effect`, lost.length],
      [`${store}: with their effect twice`, twice.length],
    ]),
    ['duration', inSeconds(durationInMs)],
  ]
  return { rows, isSound }
}

function inMegabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}
