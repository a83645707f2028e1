import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Command, commandSchema } from '@hopscope/protocol'
import { createSandbox, type Sandbox, type SandboxHost } from '@hopscope/sandbox'
import { seeded } from '@hopscope/testkit/random'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CASES } from './cases.ts'
import { DOCKER_CASES } from './dockerCases.ts'
import { startedSince, straced } from './execLog.ts'
import { type Executing, execute } from './executing.ts'
import { injections, textsOf, withText } from './injections.ts'
import { prepare } from './prepare.ts'

const STRINGS = 500
/** So many of what a field takes are run for real. */
const RUN_EACH = 12

type Try = { command: Command; text: string }

describe.skipIf(process.getuid?.() !== 0)('injected words', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hopscope-injections-'))
  const log = join(folder, 'started')
  const random = seeded('injections')
  const counts = { refused: 0, taken: 0, run: 0, done: 0 }
  let sandbox: Sandbox
  let host: SandboxHost
  let executing: Executing

  beforeAll(async () => {
    sandbox = await createSandbox({ name: 't-injections', docker: false })
    const [first] = sandbox.hosts
    if (!first) throw new Error('a sandbox has a host')
    host = first
    await prepare(host)
    executing = await execute(host, folder, straced(log))
  })
  afterAll(async () => {
    await executing?.close()
    await sandbox?.down()
    rmSync(folder, { recursive: true, force: true })
    console.log(`${STRINGS} words in every text of every command: ${JSON.stringify(counts)}`)
  })

  it('start no program but those that are shown', { timeout: 300_000 }, async () => {
    const words = injections(random, STRINGS)
    const tries: Try[] = []
    for (const { command } of [...CASES, ...DOCKER_CASES]) {
      for (const path of textsOf(command)) {
        const taken = words.flatMap((text): Try[] => {
          const read = commandSchema.safeParse(withText(command, path, text))
          return read.success ? [{ command: read.data, text }] : []
        })
        counts.refused += words.length - taken.length
        counts.taken += taken.length
        // A program that a container runs is its own matter; Docker is not here, and would be asked for the rest.
        if (command.do.startsWith('link.') || command.do.includes('netns') || command.do.includes('create'))
          for (let i = 0; i < RUN_EACH; i++) tries.push(...taken.splice(random.below(taken.length || 1), 1))
      }
    }
    let { length } = startedSince(log, 0)
    for (const { command, text } of tries) {
      const { programs } = await executing.lines(command)
      const answered = await executing.ask({ kind: 'run', command })
      counts.run++
      const { argvs, length: now } = startedSince(log, length)
      length = now
      const told = `${JSON.stringify(command)} started ${JSON.stringify(argvs)}`
      for (const argv of argvs) expect(programs, told).toContainEqual(argv)
      if (answered?.answer.kind !== 'change' || answered.answer.change.state !== 'done') continue
      counts.done++
      expect(text.startsWith('-'), told).toBe(false)
      await executing.ask({ kind: 'undo', id: answered.answer.change.id })
      length = startedSince(log, length).length
    }
    expect(counts.done).toBeGreaterThan(20)
  })
})
