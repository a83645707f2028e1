// `npm run bench [-- NAME]`: sets everything up, then measures (see bench/run.ts).
import { spawnSync } from 'node:child_process'
import { build, env, install, requireNode, root } from './ensure.mjs'
import { ensurePackages, PEERS } from './systemPackages.mjs'

requireNode()
// A peer that cannot be had is named by the bench that lacks it.
ensurePackages(PEERS)
install()
build()
const args = ['--import', 'tsx', 'bench/run.ts', ...process.argv.slice(2)]
const { status } = spawnSync(process.execPath, args, { cwd: root, env, stdio: 'inherit' })
process.exitCode = status ?? 1
