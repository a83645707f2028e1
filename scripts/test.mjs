// `npm test`: all set-up, then unit, kernel and end-to-end tests. The last line is `N passed, N failed, N skipped`.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build, env, install, requireNode, root } from './ensure.mjs'
import { ensurePackages } from './systemPackages.mjs'

requireNode()
const missing = ensurePackages()
install()
build()

const results = join(root, 'var/test')
rmSync(results, { recursive: true, force: true })
mkdirSync(results, { recursive: true })
const isRoot = process.getuid?.() === 0

// Kernel tests mostly wait for the kernel and for dockerd. What needs neither runs beside them, and says so when it is over.
const CALM = ['apps/hub', 'apps/web']
const parts = [
  ...(await Promise.all([
    vitest('kernel', ['--exclude', `{${CALM}}/**`], 'inherit'),
    vitest(
      'calm',
      CALM.map((folder) => `${folder}/`),
      'pipe',
    ),
  ])),
  await playwright(),
]
const total = { passed: 0, failed: 0, skipped: 0 }
for (const part of parts) for (const k of Object.keys(total)) total[k] += part[k]

if (total.skipped > 0) {
  const why = isRoot ? '' : ' The kernel tests need root: sudo npm test.'
  console.log(
    `\nSKIPPED: ${total.skipped} tests did not run.${why}${missing.length ? ` Missing packages: ${missing.join(' ')}.` : ''}`,
  )
}
if (isRoot && total.skipped > 0) console.log('As root nothing may be skipped: this run counts as failed.')
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
process.exit(total.failed > 0 || total.passed === 0 || (isRoot && total.skipped > 0) ? 1 : 0)

async function vitest(name, args, output) {
  const file = join(results, `vitest-${name}.json`)
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
  const status = await runTool('node_modules/vitest/vitest.mjs', ['run', ...reporters, ...args], { output })
  if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0 }
  const r = JSON.parse(readFileSync(file, 'utf8'))
  const failed =
    r.numFailedTests + r.testResults.filter((t) => t.status === 'failed' && t.assertionResults.length === 0).length
  // An error outside of any test fails the run without failing a test.
  return {
    passed: r.numPassedTests,
    failed: failed || (status === 0 ? 0 : 1),
    skipped: r.numPendingTests + r.numTodoTests,
  }
}

async function playwright() {
  const file = join(results, 'playwright.json')
  const args = ['test', '-c', 'e2e/playwright.config.ts', '--reporter=list,json']
  const status = await runTool('node_modules/@playwright/test/cli.js', args, {
    output: 'inherit',
    extra: { PLAYWRIGHT_JSON_OUTPUT_NAME: file },
  })
  if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0 }
  const { stats } = JSON.parse(readFileSync(file, 'utf8'))
  const failed = stats.unexpected
  return { passed: stats.expected + stats.flaky, failed: failed || (status === 0 ? 0 : 1), skipped: stats.skipped }
}

/** Its exit code. What it prints is shown at once (`inherit`), or all together at its end (`pipe`). */
async function runTool(script, args, { output, extra = {} }) {
  const child = spawn(process.execPath, [join(root, script), ...args], {
    cwd: root,
    env: { ...env, ...extra },
    stdio: ['inherit', output, output],
  })
  const printed = []
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => printed.push(chunk))
  const [status] = await once(child, 'close')
  process.stdout.write(Buffer.concat(printed))
  return status
}
