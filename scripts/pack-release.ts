/** Packs what a release publishes into the directory of its argument, checked, with a bill of materials of each package. */
import { readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { checkTarball } from './check-tarball.ts'
import { packPackages } from './pack-packages.ts'
import { runCommand } from './run-command.ts'

const [argument] = process.argv.slice(2)
if (argument === undefined) throw new Error('Give the directory to pack into: pnpm release:pack <directory>')
const destination = path.resolve(argument)
const work = path.join(destination, 'work')

await rm(destination, { recursive: true, force: true })
const packages = await packPackages(destination, work)
for (const packed of packages) await checkTarball(packed, work)
await rm(work, { recursive: true })
await writeBillsOfMaterials()

const boms = (await readdir(destination)).filter((file) => file.endsWith('.cdx.json'))
if (boms.length !== packages.length)
  throw new Error(`${boms.length} bills of materials of ${packages.length} packages`)
for (const { tarball } of packages) console.log(tarball)

async function writeBillsOfMaterials(): Promise<void> {
  const filter = ['--recursive', '--filter', './packages/*']
  const options = [
    '--sbom-format',
    'cyclonedx',
    '--split',
    '--prod',
    '--out',
    path.join(destination, '%s-%v.cdx.json'),
  ]
  await runCommand('npx', ['-y', 'pnpm@12', ...filter, 'sbom', ...options])
}
