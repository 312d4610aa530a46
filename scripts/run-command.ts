import { spawn } from 'node:child_process'

/** Options of {@link runCommand}. */
export interface RunCommandOptions {
  cwd?: string
  /** Whether the output goes to this terminal as it comes. Default false: it is kept, and shown only on failure. */
  inherit?: boolean
}

/** Runs a command to its end and resolves to its output; rejects with the output when it fails. */
export async function runCommand(
  command: string,
  args: readonly string[],
  { cwd = process.cwd(), inherit = false }: RunCommandOptions = {},
): Promise<string> {
  const child = spawn(command, args, { cwd, stdio: ['ignore', ...(inherit ? inherited : piped)] })
  const chunks: Buffer[] = []
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  const output = Buffer.concat(chunks).toString()
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}\n${output}`)
  return output
}

const piped = ['pipe', 'pipe'] as const
const inherited = ['inherit', 'inherit'] as const
