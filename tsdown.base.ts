import type { UserConfig } from 'tsdown'

/** How every package's build writes its files. */
export const output: { sourcemapExcludeSources: boolean } = { sourcemapExcludeSources: true }

/**
 * What every package's build has in common: ESM for Node.js with declarations, one file an entry. Maps lead from both to
 * the sources, which are packed beside them; so the maps do not repeat them.
 */
export const build: UserConfig = {
  format: 'esm',
  platform: 'node',
  target: 'node22.13',
  dts: { sourcemap: true },
  sourcemap: true,
  outputOptions: output,
  fixedExtension: false,
  clean: true,
}
