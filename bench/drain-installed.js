// Not TypeScript, and without imports of it: what Node.js takes to strip types is not in the memory of an installed sender.
import { subscribe } from 'node:diagnostics_channel'
import { createSender } from '@taskhook/sender'

process.once('message', (question) => void drain(question))
process.once('disconnect', () => process.exit())

/** Makes deliveries with the built packages; tells the parent process how much memory that took. */
async function drain({ outbox, port, secret, count }) {
  const sender = await createSender({
    webHook: {
      enabled: true,
      id: 'receiver',
      endpoint: `http://127.0.0.1:${port}/automation`,
      secret,
      maxConcurrency: 50,
    },
    outbox,
  })
  await sender.start()
  if (count > 0) await untilDelivered(count)
  await sender.stop()
  const peakMemoryInMegabytes = (process.resourceUsage().maxRSS * 1024) / 1e6
  process.send({ peakMemoryInMegabytes })
}

function untilDelivered(count) {
  let deliveries = 0
  return new Promise((resolve, reject) => {
    subscribe('taskhook.outbox.attempted', ({ report }) => {
      if (report.outcome !== 'delivered')
        reject(new Error(`not delivered: ${report.status ?? report.errorCode}`))
      deliveries += 1
      if (deliveries === count) resolve()
    })
  })
}
