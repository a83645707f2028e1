// Set-up that runs before any dependency exists: Node's own modules only.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = join(dirname(fileURLToPath(import.meta.url)), '..')
export const env = {
  ...process.env,
  NEXT_TELEMETRY_DISABLED: '1',
  TURBO_TELEMETRY_DISABLED: '1',
  DO_NOT_TRACK: '1',
  CHECKPOINT_DISABLE: '1',
}

/** Ends the process when Node is too old. */
export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  console.error(
    `Hopscope needs Node 20.19 or newer; this is ${process.version}. Install a newer Node and run it again.`,
  )
  process.exit(1)
}

/** Installs what the lock file names, unless that was done already. Returns true when it had to. */
export function install() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  const stamp = join(root, 'node_modules/.hopscope-installed')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return false
  quietly('Installing packages', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
  writeFileSync(stamp, lock)
  return true
}

/** Builds what changed since the last build. */
export function build() {
  const turbo = join(root, 'node_modules/turbo/bin/turbo')
  quietly('Building', process.execPath, [turbo, 'run', 'build', '--output-logs=errors-only'])
}

/** Runs a command from the repository's root with its output shown on stderr; ends the process when it fails. */
export function run(command, args) {
  finish(command, spawnSync(command, args, { cwd: root, env, stdio: ['ignore', 2, 2] }))
}

export const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`

/** As `run`, but only one line says what goes on; the output is shown when the command fails. */
function quietly(what, command, args) {
  process.stderr.write(`${what}… `)
  const started = performance.now()
  const result = spawnSync(command, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 28 })
  process.stderr.write(`${seconds(performance.now() - started)}\n`)
  if (result.status !== 0) process.stderr.write(`${result.stdout}${result.stderr}`)
  finish(command, result)
}

function finish(command, { error, status }) {
  if (error) console.error(`${command}: ${error.message}`)
  if (status !== 0) process.exit(status ?? 1)
}
