import type { UserConfig } from 'tsdown'
import { build } from '../../tsdown.base.ts'

const config: UserConfig = {
  ...build,
  entry: { index: 'src/index.ts', dedupe: 'src/dedupe/index.ts' },
}
export default config
