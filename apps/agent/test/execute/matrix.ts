import type { Command } from '@hopscope/protocol'
import type { SandboxHost } from '@hopscope/sandbox'
import { expect } from 'vitest'
import type { Case } from './cases.ts'
import { type Answered, type Executing, execute } from './executing.ts'

/** What the kernel still does by itself after a change (addresses are checked, ports learn) is over by then. */
const SETTLED_WITHIN = 10_000

/** Lines that only one of two states of the host has. */
export type Compare<State> = (before: State, now: State) => string[]
export type Matrix<State> = {
  host: SandboxHost
  /** Of the journal. */
  folder: string
  read: () => Promise<State>
  differences: Compare<State>
  /** The same but for what is random whenever something is made, such as MAC addresses. */
  alike?: Compare<State>
}

/** Runs cases: refused, done, undone, a failure and a `kill -9` at every program; after each the host is as it was. Counts what passed. */
export class MatrixRun<State> {
  readonly passed: Record<string, number> = {}
  #executing: Executing | undefined
  readonly #matrix: Matrix<State>

  constructor(matrix: Matrix<State>) {
    this.#matrix = matrix
  }

  async run({ command, refused, shows, quick }: Case): Promise<void> {
    const before = await this.#settled()
    const no = await this.#done(refused.command)
    expect(no.answer).toMatchObject({ kind: 'refused', refusal: { code: refused.code } })
    this.#count('refused')

    const { answer, calls } = await this.#done(command)
    expect(answer, JSON.stringify(answer)).toMatchObject({ kind: 'change', change: { state: 'done' } })
    expect(await this.#matrix.host.run(shows.argv)).toMatch(shows.holds)
    const made = await this.#settled()
    this.#count('done')

    if (answer.kind !== 'change') throw new Error('it was one above')
    const undone = await (await this.#open()).ask({ kind: 'undo', id: answer.change.id })
    expect(undone?.answer, JSON.stringify(undone)).toMatchObject({ kind: 'change', change: { state: 'undone' } })
    await this.#asBefore(before, `undo of ${command.do}`)
    this.#count('undone')
    await this.#type(command, before, made)
    if (quick) return
    for (let at = 0; at < calls; at++) await this.#fail(command, at, before)
  }

  /** Makes what a case is about. */
  async prepare(command: Command): Promise<void> {
    expect((await this.#done(command)).answer).toMatchObject({ kind: 'change', change: { state: 'done' } })
  }

  async close(): Promise<void> {
    await this.#executing?.close()
    this.#executing = undefined
  }

  /** What was shown, typed by a person into a shell, comes to the same; and so does what would undo it. */
  async #type(command: Command, before: State, made: State): Promise<void> {
    const { differences, alike = differences, host } = this.#matrix
    const { act, undo } = await (await this.#open()).lines(command)
    const type = async (lines: readonly string[]) => {
      for (const line of lines) await host.run(['sh', '-c', line])
    }
    await type(act)
    await this.#reaches((now) => alike(made, now), `the lines of ${command.do}`)
    await type(undo)
    await this.#asBefore(before, `the lines that undo ${command.do}`)
    this.#count('typed and taken back')
  }

  async #fail(command: Command, at: number, before: State): Promise<void> {
    const failed = await (await this.#open()).ask({ kind: 'run', command, fault: { at, how: 'fail' } })
    expect(failed?.answer).toMatchObject({
      kind: 'change',
      change: { state: 'failed', reason: { detail: expect.stringMatching(/injected/) } },
    })
    await this.#asBefore(before, `failure at ${at} of ${command.do}`)
    this.#count('failed at a step')
    for (const how of ['kill before', 'kill after'] as const) {
      expect(await (await this.#open()).ask({ kind: 'run', command, fault: { at, how } })).toBeUndefined()
      this.#executing = undefined
      expect((await this.#open()).recovered).toMatchObject([{ state: 'undone' }])
      await this.#asBefore(before, `${how} ${at} of ${command.do}`)
      this.#count('killed at a step')
    }
  }

  async #open(): Promise<Executing> {
    this.#executing ??= await execute(this.#matrix.host, this.#matrix.folder)
    return this.#executing
  }

  async #done(command: Command): Promise<Answered> {
    const answered = await (await this.#open()).ask({ kind: 'run', command })
    if (answered === undefined) throw new Error('the executor ended')
    return answered
  }

  /** The state once two readings of it are equal. */
  async #settled(): Promise<State> {
    const { read, differences } = this.#matrix
    const until = performance.now() + SETTLED_WITHIN
    let last = await read()
    for (;;) {
      const next = await read()
      const moved = differences(last, next)
      if (moved.length === 0) return next
      if (performance.now() > until) throw new Error(`the host does not come to rest: ${moved.join('\n')}`)
      last = next
    }
  }

  async #asBefore(before: State, what: string): Promise<void> {
    await this.#reaches((now) => this.#matrix.differences(before, now), what)
  }

  async #reaches(differencesFrom: (now: State) => string[], what: string): Promise<void> {
    const until = performance.now() + SETTLED_WITHIN
    for (;;) {
      const found = differencesFrom(await this.#matrix.read())
      if (found.length === 0) return
      if (performance.now() > until) expect(found, what).toEqual([])
    }
  }

  #count(what: string): void {
    this.passed[what] = (this.passed[what] ?? 0) + 1
  }
}

export const printed = (passed: Record<string, number>): string =>
  `commands × cases: ${Object.entries(passed)
    .map(([what, n]) => `${n} ${what}`)
    .join(', ')}`

/** Lines that only one of two lists has. */
export function differentLines(before: readonly string[], now: readonly string[]): string[] {
  return [
    ...before.filter((line) => !now.includes(line)).map((line) => `missing ${line}`),
    ...now.filter((line) => !before.includes(line)).map((line) => `ghost   ${line}`),
  ]
}
