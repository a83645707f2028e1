import { randomBytes } from 'node:crypto'
import {
  type Act,
  type Expect,
  isSoAlready,
  lineOf,
  ownerOf,
  type Plan,
  type Planned,
  planCommand,
  type Reason,
  type ReasonCode,
  risksOf,
  type Step,
  type Way,
} from '@hopscope/command'
import type { HostSnapshot } from '@hopscope/model'
import { type AskingRole, type Change, type ChangeAnswer, type Command, REVERT_AFTER } from '@hopscope/protocol'
import type { Wanted } from '../observer.ts'
import { type RunResult, run } from '../run.ts'
import { type Actor, createActor } from './acting.ts'
import { unmet } from './expects.ts'
import { type Entry, type Journal, openJournal } from './journal.ts'
import type { KeptPorts } from './keptPorts.ts'
import { laterOf } from './later.ts'
import { startOf } from './startOf.ts'
import { createUnconfirmed, sinceBoot, told } from './unconfirmed.ts'

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
   * at the start. Gives the changes it has undone.
   */
  recover(): Promise<Change[]>
  /** Does something else to the host, when no change runs. */
  inTurn<T>(work: (act: Actor) => Promise<T>): Promise<T>
}

/** The observed host, as far as changing it needs it. */
type Host = {
  snapshot(): HostSnapshot
  /** Resolves when what the kernel has told is in the snapshot. */
  caughtUp(what?: Wanted): Promise<void>
}
/** What somebody saw and typed before, and who; whoever runs a command without has the right to. */
export type Agreed = { shown: readonly string[]; role: AskingRole; confirm?: string | undefined }
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

/** Changes one host by plans, one after the other; each step's inverse is on the disk before the step begins. */
export function createExecutor({ host, folder, ports, runProgram = run }: Options): Executor {
  const journal = openJournal(folder)
  let last: Promise<unknown> = Promise.resolve()
  const oneByOne = <T>(act: () => Promise<T>): Promise<T> => {
    const result = last.then(act, act)
    last = result.catch(() => undefined)
    return result
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
      oneByOne(async () => {
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
      oneByOne(async () => {
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
      oneByOne(async () => {
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
    recover: () =>
      oneByOne(async () => {
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
      }),
    inTurn: (work) => oneByOne(() => work(act)),
  }
}

/** The commands of a plan as a person would type them. */
export function shellLines(snapshot: HostSnapshot, plan: Plan): string[] {
  return plan.steps.map(({ act }) => lineOf(snapshot, act))
}

type Work = { journal: Journal; act: Actor; host: Host; revertAfter?: number }

async function runSteps(entry: Entry, steps: readonly Step[], work: Work): Promise<void> {
  const { journal, act, host } = work
  const { change } = entry
  const began = performance.now()
  for (const [i, step] of steps.entries()) {
    const shown = change.steps[i]
    if (shown === undefined) throw new Error('a change has a line for each of its steps')
    // The first step comes right after the plan.
    if (i > 0 && step.expects.length > 0) await host.caughtUp(factsFor(change.command))
    const other = unmet(host.snapshot(), step.expects)
    if (other === undefined) {
      shown.state = 'doing'
      journal.write(entry)
    }
    const failure = other ?? (await act(step.act))
    if (failure !== undefined) {
      if (change.final || DID_NOTHING.has(failure.code)) shown.state = 'failed'
      await undoSteps(entry, work, failure)
      shown.state = 'failed'
      if (change.state === 'undone') change.state = 'failed'
      change.milliseconds = performance.now() - began
      return journal.write(entry)
    }
    await ended(host, step.ends ?? [])
    shown.state = 'done'
  }
  change.state = 'done'
  if (work.revertAfter !== undefined) {
    change.state = 'unconfirmed'
    change.revertIn = work.revertAfter * 1_000
    entry.revertAt = sinceBoot() + change.revertIn
  }
  change.milliseconds = performance.now() - began
  journal.write(entry)
}

/** Resolves when all of these are gone, or after some seconds: whatever is left then is left to whoever plans next. */
async function ended(host: Host, ends: readonly Expect[]): Promise<void> {
  const began = performance.now()
  const isThere = (one: Expect) => unmet(host.snapshot(), [one]) === undefined
  while (ends.some(isThere) && performance.now() - began < ENDS_WITHIN) {
    await new Promise((resolve) => setTimeout(resolve, 2))
    await host.caughtUp()
  }
}
const ENDS_WITHIN = 5_000

/** Docker refuses a name that somebody else was faster with: to undo that step would remove what is theirs. */
const DID_NOTHING: ReadonlySet<string> = new Set(['CONTAINER_NAME_USED', 'NETWORK_NAME_USED'] satisfies ReasonCode[])

/** Undoes what was done, last step first; the one that was just being done may or may not have been. */
async function undoSteps(entry: Entry, { journal, act, host }: Work, reason: Reason): Promise<void> {
  const { change, undo } = entry
  change.state = 'undoing'
  delete change.revertIn
  change.reason = reason
  delete change.left
  if (change.final && change.steps.some(({ state }) => state === 'doing')) {
    change.state = 'stuck'
    change.left = { code: 'DONE_OR_NOT', params: {} } satisfies Reason
    return journal.write(entry)
  }
  journal.write(entry)
  for (let i = change.steps.length - 1; i >= 0; i--) {
    const step = change.steps[i]
    if (step === undefined || (step.state !== 'done' && step.state !== 'doing')) continue
    const uncertain = step.state === 'doing'
    for (const one of undo[i] ?? []) {
      const failure = await act(one)
      if (failure === undefined || (uncertain && isSoAlready(failure))) continue
      change.state = 'stuck'
      change.left = stoppedAt(lineOf(host.snapshot(), one), failure)
      return journal.write(entry)
    }
    step.state = 'undone'
    journal.write(entry)
  }
  change.state = 'undone'
  journal.write(entry)
}

/** What is left to do by hand, and what the program said of it. */
function stoppedAt(shell: string, { code, detail }: Reason): Reason {
  return { code: 'UNDO_STOPPED', params: { shell }, detail: detail ?? code }
}

function whyNotUndone({ state, final }: Change): ReasonCode | undefined {
  switch (state) {
    case 'running':
    case 'undoing':
      return 'CHANGE_RUNNING'
    case 'undone':
    case 'failed':
      return 'CHANGE_UNDONE'
    case 'done':
    case 'unconfirmed':
    case 'stuck':
      return final ? 'CHANGE_FINAL' : undefined
  }
}

function whyNotAgreed({ confirm: name }: Plan, { role, confirm }: Agreed): Reason | undefined {
  if (name === undefined) return undefined
  if (role !== 'admin') return { code: 'ADMIN_NEEDED', params: { name } }
  return confirm === name ? undefined : { code: 'NAME_NOT_TYPED', params: { name } }
}

const denied = (reason: Reason): ChangeAnswer => ({ kind: 'denied', reason })

function newEntry(snapshot: HostSnapshot, plan: Plan, { by, shell }: { by: string; shell: readonly string[] }): Entry {
  const at = Date.now()
  return {
    change: {
      // Sorted by name they are sorted by time.
      id: `${at.toString(36)}-${randomBytes(4).toString('hex')}`,
      at,
      by,
      command: plan.command,
      title: plan.title,
      steps: plan.steps.map(({ title }, i) => ({ title, shell: shell[i] ?? '', state: 'waiting' })),
      lost: [...plan.lost],
      ...(plan.final && { final: true }),
      state: 'running',
    },
    undo: plan.steps.map(({ undo }) => undo.map((act) => copyOf(snapshot, act))),
    runner: ownRunner(),
  }
}

/** As the journal keeps it. */
function copyOf(snapshot: HostSnapshot, act: Act): Entry['undo'][number][number] {
  if (!('argv' in act)) return act
  return { ...act, owner: ownerOf(snapshot, act.place), argv: [...act.argv], ifEmpty: act.ifEmpty && [...act.ifEmpty] }
}

/** What a plan is made from, beside what the kernel tells at once. */
function factsFor(command: Command): Wanted {
  const [noun = ''] = command.do.split('.')
  const docker = ['network', 'container', 'port'].includes(noun)
  return { docker: docker ? { containers: containersOf(command) } : undefined, rules: ['port', 'rule'].includes(noun) }
}

/** The containers that a command names, by their names or ids. */
function containersOf(command: Command): string[] {
  const own = 'container' in command ? [command.container] : []
  const lender = command.do === 'container.create' && command.network.startsWith('container:')
  return lender ? [command.network.slice('container:'.length)] : own
}

/** Whether a change was being run or undone by a process that is no more. */
function isLeft({ change: { id, state }, runner }: Entry, journal: Journal): boolean {
  const isAtWork = state === 'running' || state === 'undoing'
  return (isAtWork || (state === 'unconfirmed' && journal.decided(id) === 'revert')) && !isAlive(runner)
}

const ownRunner = (): string => `${process.pid} ${startOf(process.pid)}`

function isAlive(runner: string): boolean {
  const [pid = '', start] = runner.split(' ')
  return startOf(Number(pid)) === start && Number(pid) !== process.pid
}
