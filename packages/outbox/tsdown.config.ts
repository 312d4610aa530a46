import type { UserConfig } from 'tsdown'
import { build } from '../../tsdown.base.ts'

const config: UserConfig = {
  ...build,
  entry: {
    index: 'src/index.ts',
    dedupe: 'src/dedupe/index.ts',
    ledger: 'src/ledger-entry/index.ts',
    tasks: 'src/tasks/index.ts',
  },
}
export default config
