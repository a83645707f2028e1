import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { COMMAND_NAMES } from '@hopscope/protocol'
import { createSandbox, type Sandbox } from '@hopscope/sandbox'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Comparable, differences } from '../oracle/comparable.ts'
import { CASES } from './cases.ts'
import { DOCKER_CASES } from './dockerCases.ts'
import { MatrixRun, printed } from './matrix.ts'
import { prepare } from './prepare.ts'
import { alike, readWritten } from './written.ts'

/** Nothing undoes these, or this kernel lacks what they make; `planCommand.test.ts` has their plans. */
const WITHOUT_CASE: readonly string[] = [
  'dummy.create',
  'fdb.flush',
  'container.restart',
  'container.remove',
  'conntrack.delete',
]
/** Both back ends have them; see `rules.kernel.test.ts`. */
const OF_RULES: readonly string[] = ['rule.add', 'rule.delete']

it('every command has a case', () => {
  const covered = new Set([...CASES, ...DOCKER_CASES].map(({ command }) => command.do))
  expect(COMMAND_NAMES.filter((name) => !covered.has(name) && ![...WITHOUT_CASE, ...OF_RULES].includes(name))).toEqual(
    [],
  )
})

describe.skipIf(process.getuid?.() !== 0)('commands', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hopscope-changes-'))
  let sandbox: Sandbox
  let matrix: MatrixRun<Comparable>

  beforeAll(async () => {
    sandbox = await createSandbox({ name: 't-changes', docker: false })
    const [host] = sandbox.hosts
    if (!host) throw new Error('a sandbox has a host')
    await prepare(host)
    matrix = new MatrixRun({ host, folder, read: () => readWritten(host), differences, alike })
  })
  afterAll(async () => {
    await matrix?.close()
    await sandbox?.down()
    rmSync(folder, { recursive: true, force: true })
    console.log(printed(matrix?.passed ?? {}))
  })

  it.each(CASES.map((one) => [JSON.stringify(one.command), one] as const))('%s', { timeout: 180_000 }, (_, one) =>
    matrix.run(one),
  )
})
