// Bundles the agent and the command line: our own packages go in, those of npm stay outside.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const entries = { agent: 'src/main.ts', cli: 'src/cli/main.ts' }
const entryPoints = Object.fromEntries(Object.entries(entries).filter(([, path]) => existsSync(here(path))))

/** Everything named by a bare specifier is left outside, but for the packages of this repository, which are source. */
const npmOutside = {
  name: 'npm-outside',
  setup(bundle) {
    bundle.onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
      kind === 'entry-point' || path.startsWith('@hopscope/') ? undefined : { path, external: true },
    )
  },
}

await build({
  absWorkingDir: here('.'),
  entryPoints,
  outdir: 'dist',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  sourcemap: 'linked',
  logLevel: 'warning',
  plugins: [npmOutside],
})
