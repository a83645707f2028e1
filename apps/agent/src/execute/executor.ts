import { lineOf, type Plan, type Planned, planCommand, type Reason, risksOf, type Way } from '@hopscope/command'
import type { HostSnapshot } from '@hopscope/model'
import { type Change, type ChangeAnswer, type Command, REVERT_AFTER } from '@hopscope/protocol'
import { type RunResult, run } from '../run.ts'
import { type Actor, createActor } from './acting.ts'
import { factsFor } from './factsFor.ts'
import { type Entry, type Journal, openJournal } from './journal.ts'
import type { KeptPorts } from './keptPorts.ts'
import { laterOf } from './later.ts'
import { newEntry } from './newEntry.ts'
import { isAlive, ownRunner } from './runner.ts'
import { type Host, runSteps, undoSteps, type Work } from './steps.ts'
import { createUnconfirmed, told } from './unconfirmed.ts'
import { type Agreed, whyNotAgreed, whyNotUndone } from './whyNot.ts'

export type Executor = {
  /** What a command would do now, or why it cannot work. */
  plan(command: Command): Promise<Planned>
  /** Plans anew and runs it, if the commands are still those that were shown. All of it, or none. */
  run(command: Command, by: string, terms?: Terms): Promise<ChangeAnswer>
  undo(id: string, by: string): Promise<ChangeAnswer>
  /** An unconfirmed change is to stay. */
  keep(id: string): Promise<ChangeAnswer>
  /** The command of a change; undefined when there is none. */
  commandOf(id: string): Command | undefined
  /** Newest first. */
  history(): Change[]
  /** Calls back whenever a change of this host gets on, whoever runs it. Returns what ends it. */
  onProgress(told: (change: Change) => void): () => void
  /**
   * Undoes what a crash left half done, and looks from then on after what is to be kept in time, whoever ran it; call it once
   * at the start. Gives the changes it has undone, or who else changes the host for longer than so many milliseconds.
   */
  recover(patience?: number): Promise<{ undone: Change[] } | { held: Reason }>
  /** Does something else to the host, when no change runs. */
  inTurn<T>(work: (act: Actor) => Promise<T>): Promise<T>
}

export type Terms = {
  agreed?: Agreed
  /** What the command must not cut unasked. */
  ways?: readonly Way[]
  /** Seconds after which it is undone unless it is kept; where it could cut a way, REVERT_AFTER unless told otherwise. */
  revertAfter?: number | undefined
}
type Options = {
  host: Host
  folder: string
  ports: KeptPorts
  /** Runs a program; tests let it fail or end. */
  runProgram?: (argv: readonly string[]) => Promise<RunResult>
}

/** In milliseconds: whoever asks hears then who else is at work. */
export const PATIENCE = 5_000

/**
 * Changes one host by plans, one after the other, whichever process runs them; each step's inverse is on the disk before the
 * step begins.
 */
export function createExecutor({ host, folder, ports, runProgram = run }: Options): Executor {
  const journal = openJournal(folder)
  let last: Promise<unknown> = Promise.resolve()
  const within = <T>(patience: number, work: () => Promise<T>): Promise<{ came: T } | { held: Reason }> => {
    const alone = () => journal.alone(patience, work)
    const result = last.then(alone, alone)
    last = result.catch(() => undefined)
    return result
  }
  /** Waits for as long as somebody else is at work; each of their programs has its time. */
  const oneByOne = async <T>(work: () => Promise<T>): Promise<T> => {
    const done = await within(Number.POSITIVE_INFINITY, work)
    if ('held' in done) throw new Error('nobody holds a journal for ever')
    return done.came
  }
  const answered = async (work: () => Promise<ChangeAnswer>): Promise<ChangeAnswer> => {
    const done = await within(PATIENCE, work)
    return 'held' in done ? denied(done.held) : done.came
  }
  const act = createActor({ snapshot: host.snapshot, runProgram, ports })
  const work: Work = { journal, act, host }
  const unconfirmed = createUnconfirmed({ journal, revert: (id) => oneByOne(() => revert(id)) })
  async function revert(id: string): Promise<void> {
    const entry = journal.read(id)
    if (entry?.change.state !== 'unconfirmed' || !journal.decide(id, 'revert')) return
    entry.runner = ownRunner()
    await undoSteps(entry, work, { code: 'UNDONE_UNKEPT', params: {} })
  }
  const keep = (entry: Entry): ChangeAnswer => {
    entry.change.state = 'done'
    delete entry.change.revertIn
    journal.write(entry)
    return { kind: 'change', change: entry.change }
  }

  return {
    async plan(command) {
      await host.caughtUp(factsFor(command))
      return planCommand(command, host.snapshot())
    },
    run: (command, by, { agreed, ways = [], revertAfter } = {}) =>
      answered(async () => {
        const [open] = unconfirmed.list()
        if (open) return denied({ code: 'UNCONFIRMED_FIRST', params: { id: open.id } })
        await host.caughtUp(factsFor(command))
        const planned = planCommand(command, host.snapshot())
        if ('refused' in planned) return { kind: 'refused', refusal: planned.refused }
        const { plan } = planned
        const shell = shellLines(host.snapshot(), plan)
        if (agreed && JSON.stringify(agreed.shown) !== JSON.stringify(shell)) return { kind: 'moved', shell }
        const not = agreed && whyNotAgreed(plan, agreed)
        if (not) return denied(not)
        const entry = newEntry(host.snapshot(), plan, { by, shell })
        const risks = risksOf(command, host.snapshot(), ways)
        if (risks.length > 0) entry.change.risks = risks.map(({ code, params }) => ({ code, params: { ...params } }))
        const isGuarded = !plan.final && (risks.length > 0 || revertAfter !== undefined)
        await runSteps(entry, plan.steps, { ...work, ...(isGuarded && { revertAfter: revertAfter ?? REVERT_AFTER }) })
        unconfirmed.arm(entry)
        return { kind: 'change', change: told(entry) }
      }),
    undo: (id, by) =>
      answered(async () => {
        const entry = journal.read(id)
        const not = entry === undefined ? 'CHANGE_MISSING' : whyNotUndone(entry.change)
        if (entry === undefined || not !== undefined) return denied({ code: not ?? 'CHANGE_MISSING', params: { id } })
        const later = laterOf(
          entry.change,
          journal.all().map(({ change }) => change),
        )
        if (later !== undefined) return denied({ code: 'LATER_FIRST', params: { id: later.id } })
        const isOpen = entry.change.state === 'unconfirmed'
        if (isOpen && !journal.decide(id, 'revert')) return denied({ code: 'CHANGE_RUNNING', params: { id } })
        await host.caughtUp(factsFor(entry.change.command))
        entry.runner = ownRunner()
        await undoSteps(entry, work, { code: 'UNDONE_BY', params: { by } })
        return { kind: 'change', change: entry.change }
      }),
    keep: (id) =>
      answered(async () => {
        const entry = journal.read(id)
        if (entry === undefined) return denied({ code: 'CHANGE_MISSING', params: { id } })
        if (entry.change.state === 'done') return { kind: 'change', change: entry.change }
        const isOpen = entry.change.state === 'unconfirmed'
        if (!isOpen || !journal.decide(id, 'keep')) return denied({ code: 'KEPT_TOO_LATE', params: { id } })
        return keep(entry)
      }),
    commandOf: (id) => journal.read(id)?.change.command,
    history: () => journal.all().map(told),
    onProgress: journal.watch,
    async recover(patience = Number.POSITIVE_INFINITY) {
      const done = await within(patience, async () => {
        const all = journal.all()
        const left = all.filter((entry) => isLeft(entry, journal))
        for (const entry of left) {
          const code = entry.change.state === 'unconfirmed' ? 'UNDONE_UNKEPT' : 'UNDONE_AT_START'
          entry.runner = ownRunner()
          await undoSteps(entry, work, { code, params: {} })
        }
        for (const entry of all.filter(({ change }) => change.state === 'unconfirmed')) {
          if (journal.decided(entry.change.id) === 'keep') keep(entry)
          else unconfirmed.arm(entry)
        }
        journal.watch(({ id, state }) => {
          const entry = state === 'unconfirmed' ? journal.read(id) : undefined
          if (entry) unconfirmed.arm(entry)
        })
        return left.map(({ change }) => change)
      })
      return 'held' in done ? done : { undone: done.came }
    },
    inTurn: (work) => oneByOne(() => work(act)),
  }
}

/** The commands of a plan as a person would type them. */
export function shellLines(snapshot: HostSnapshot, plan: Plan): string[] {
  return plan.steps.map(({ act }) => lineOf(snapshot, act))
}

const denied = (reason: Reason): ChangeAnswer => ({ kind: 'denied', reason })

/** Whether a change was being run or undone by a process that is no more. */
function isLeft({ change: { id, state }, runner }: Entry, journal: Journal): boolean {
  const isAtWork = state === 'running' || state === 'undoing'
  return (isAtWork || (state === 'unconfirmed' && journal.decided(id) === 'revert')) && !isAlive(runner)
}
