import type { UserConfig } from 'tsdown'
import { build } from '../../tsdown.base.ts'

const config: UserConfig = { ...build, entry: ['src/index.ts'], copy: ['generated'] }
export default config
