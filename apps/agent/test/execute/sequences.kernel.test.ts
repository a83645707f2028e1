import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSandbox, type Sandbox, type SandboxHost } from '@hopscope/sandbox'
import { seeded } from '@hopscope/testkit/random'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { namespacesIn } from '../oracle/truth.ts'
import { type Executing, execute } from './executing.ts'
import { ModelHost } from './modelHost.ts'
import { anyCommand, BASE, readHost } from './sequence.ts'

/** In CI, which has one seed, fewer: that it repeats itself finds nothing new. */
const SEQUENCES = Number(process.env.HOPSCOPE_SEQUENCES ?? (process.env.CI ? 50 : 200))
const COMMANDS = 20

describe.skipIf(process.getuid?.() !== 0)('random sequences of commands, some undone', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hopscope-sequences-'))
  const random = seeded('sequences of commands')
  const counts = { done: 0, refused: 0, undone: 0 }
  let sandbox: Sandbox
  let host: SandboxHost
  let executing: Executing

  beforeAll(async () => {
    sandbox = await createSandbox({ name: 't-sequences', docker: false })
    const [first] = sandbox.hosts
    if (!first) throw new Error('a sandbox has a host')
    host = first
    executing = await execute(host, folder)
  })
  afterAll(async () => {
    await executing?.close()
    await sandbox?.down()
    rmSync(folder, { recursive: true, force: true })
    console.log(`${SEQUENCES} sequences of ${COMMANDS} commands: ${JSON.stringify(counts)}`)
  })

  it('leave the kernel as a model of it says, and undone as it was', { timeout: 900_000 }, async () => {
    const base = new ModelHost()
    for (const command of BASE) {
      const answered = await executing.ask({ kind: 'run', command })
      expect(answered?.answer, JSON.stringify(command)).toMatchObject({ kind: 'change', change: { state: 'done' } })
      base.apply(command)
    }
    expect(await readHost(host)).toEqual(base.facts())
    const held = async () => {
      const answered = await executing.ask({ kind: 'run', command: { do: 'link.up', netns: 'root', link: 'none' } })
      return { descriptors: answered?.descriptors, namespaces: namespacesIn(host).size }
    }
    await sequence(base, 0) // whatever is opened once is open now
    const heldBefore = await held()
    for (let i = 1; i <= SEQUENCES; i++) await sequence(base, i)
    expect(await held()).toEqual(heldBefore)
  })

  /** One sequence; everything that it did and did not undo itself is undone at its end. */
  async function sequence(base: ModelHost, number: number): Promise<void> {
    let model = base.copy()
    const done: { id: string; before: ModelHost }[] = []
    const said: string[] = []
    const undo = async (): Promise<void> => {
      const last = done.pop()
      if (!last) return
      said.push('undo')
      const answered = await executing.ask({ kind: 'undo', id: last.id })
      expect(answered?.answer, told(number, said, answered)).toMatchObject({
        kind: 'change',
        change: { state: 'undone' },
      })
      model = last.before
      counts.undone++
    }
    for (let i = 0; i < COMMANDS; i++) {
      if (random.below(5) === 0) await undo()
      const command = anyCommand(random, model)
      said.push(JSON.stringify(command))
      const answered = await executing.ask({ kind: 'run', command })
      const answer = answered?.answer
      if (answer?.kind === 'refused') {
        counts.refused++
        continue
      }
      expect(answer, told(number, said, answer)).toMatchObject({ kind: 'change', change: { state: 'done' } })
      if (answer?.kind !== 'change') throw new Error('it was one above')
      done.push({ id: answer.change.id, before: model.copy() })
      model.apply(command)
      counts.done++
    }
    expect(await readHost(host), told(number, said)).toEqual(model.facts())
    while (done.length > 0) await undo()
    expect(await readHost(host), told(number, said)).toEqual(base.facts())
  }
})

const told = (number: number, said: readonly string[], came?: unknown): string =>
  `sequence ${number}:\n${said.join('\n')}\n${JSON.stringify(came, null, 1) ?? ''}\n`
