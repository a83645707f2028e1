// Makes a sandbox and tells each step on a line of its own; the tests kill it somewhere on the way.
import { createSandbox, fillDemo, SandboxError } from '../src/index.ts'

const [name = 't-sbx-maker', mode = 'docker'] = process.argv.slice(2)
const onProgress = (text: string) => process.stdout.write(`${text}\n`)

async function main(): Promise<void> {
  const rootless = mode === 'rootless' || process.getuid?.() !== 0
  const sandbox = await createSandbox({ name, hosts: 2, rootless, onProgress })
  onProgress('up')
  if (mode === 'demo') await fillDemo(sandbox, { onProgress })
  onProgress('done')
}

main().catch((error: unknown) => {
  process.stdout.write(`error ${error instanceof SandboxError ? error.code : 'other'}: ${error}\n`)
  process.exitCode = 1
})
