import type { UserConfig } from 'tsdown'
import { build } from '../../tsdown.base.ts'

const config: UserConfig = {
  ...build,
  entry: ['src/index.ts'],
  // What pages load, beside the bundle that reads it.
  copy: [{ from: 'src/assets/*.{css,js,svg}', to: 'dist/assets' }],
  // The package is to stay below 100 kB: no comments, since what users read of it is in the declarations, and neither maps nor
  // the sources that they would lead to.
  dts: true,
  sourcemap: false,
  outputOptions: { comments: false },
  // Names stay, for the stacks of errors.
  minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
}
export default config
