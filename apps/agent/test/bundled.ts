import { basename, dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const OUT = fileURLToPath(new URL('../../../node_modules/.cache/hopscope-tests/', import.meta.url))
const made = new Map<string, Promise<string>>()

/**
 * A program of the tests in one file, with all that it imports: it starts in half the time that the sources take, and the
 * tests start some of them hundreds of times. Gives the file's path; made once for each test file that asks.
 */
export function bundled(entry: string): Promise<string> {
  const file = made.get(entry) ?? bundle(entry)
  made.set(entry, file)
  return file
}

async function bundle(entry: string): Promise<string> {
  // The programs share files with whoever starts them, and need none of this.
  const { build } = await import('esbuild')
  const outfile = `${OUT}${basename(dirname(entry))}-${basename(entry, '.ts')}.mjs`
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    logLevel: 'warning',
    // It loads a file of its own beside it.
    external: ['koffi', 'esbuild'],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)" },
  })
  return outfile
}
