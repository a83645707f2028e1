// `npm test`: all set-up, then unit, kernel and end-to-end tests. The last line is `N passed, N failed, N skipped`.
import { spawnSync } from 'node:child_process'
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

const unit = vitest(join(results, 'vitest.json'))
const browser = playwright(join(results, 'playwright.json'))
const total = { passed: 0, failed: 0, skipped: 0 }
for (const part of [unit, browser]) for (const k of Object.keys(total)) total[k] += part[k]

if (total.skipped > 0) {
  const why = isRoot ? '' : ' The kernel tests need root: sudo npm test.'
  console.log(
    `\nSKIPPED: ${total.skipped} tests did not run.${why}${missing.length ? ` Missing packages: ${missing.join(' ')}.` : ''}`,
  )
}
if (isRoot && total.skipped > 0) console.log('As root nothing may be skipped: this run counts as failed.')
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
process.exit(total.failed > 0 || total.passed === 0 || (isRoot && total.skipped > 0) ? 1 : 0)

function vitest(file) {
  const status = runTool('node_modules/vitest/vitest.mjs', [
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
  ])
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

function playwright(file) {
  const args = ['test', '-c', 'e2e/playwright.config.ts', '--reporter=list,json']
  const status = runTool('node_modules/@playwright/test/cli.js', args, { PLAYWRIGHT_JSON_OUTPUT_NAME: file })
  if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0 }
  const { stats } = JSON.parse(readFileSync(file, 'utf8'))
  const failed = stats.unexpected
  return { passed: stats.expected + stats.flaky, failed: failed || (status === 0 ? 0 : 1), skipped: stats.skipped }
}

function runTool(script, args, extra = {}) {
  const result = spawnSync(process.execPath, [join(root, script), ...args], {
    cwd: root,
    env: { ...env, ...extra },
    stdio: 'inherit',
  })
  return result.status
}
