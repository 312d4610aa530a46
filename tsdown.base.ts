import type { UserConfig } from 'tsdown'

/** What every package's build has in common: ESM for Node.js with declarations, one file an entry. */
export const build: UserConfig = {
  format: 'esm',
  platform: 'node',
  target: 'node22.13',
  dts: true,
  fixedExtension: false,
  clean: true,
}
