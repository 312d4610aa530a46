import { createOutbox } from '../create-outbox.ts'
import { sqliteLedger } from '../sqlite/sqlite-ledger.ts'

// A process of its own, for the tests: `node crashing-process.ts <file>`. It delivers until nothing is left, and kills itself in the attempt of
// `bad`, as an abort in a native module does: nothing is flushed, and nothing is said.
const [, , file] = process.argv
const ledger = sqliteLedger({ file: file! })
const outbox = createOutbox({
  ledger,
  endpoints: [
    {
      id: 'one',
      maxConcurrency: 4,
      retryScheduleInMs: [0],
      crashLimit: 2,
      async attempt({ id }) {
        // Others are under way beside it when it kills the process.
        await new Promise<void>((resolve) => void setImmediate(resolve))
        if (id === 'bad') process.kill(process.pid, 'SIGKILL')
        return { outcome: 'delivered', durationInMs: 1 }
      },
    },
  ],
})
await outbox.start()
await outbox.idle()
await outbox.stop()
await ledger.close()
