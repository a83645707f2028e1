import { type FwChain, type FwRule, type HostSnapshot, recordsOf } from '@hopscope/model'
import { isOwnRule, OWN_CHAIN } from '@hopscope/topology'
import { type Expect, type Program, Refused, type Step } from '../plan.ts'
import { phrase } from './context.ts'
import { isSameRule, wordsOf } from './ruleWords.ts'

export type IpFamily = 'ip' | 'ip6'
export type Hook = 'INPUT' | 'FORWARD' | 'OUTPUT' | 'PREROUTING' | 'POSTROUTING'
/** Where rules of ours stand: the chain HOPSCOPE-<hook> of a table in a namespace. */
export type OwnChain = { netns: string; family: IpFamily; table: 'filter' | 'nat'; hook: Hook }
/** A rule that is to be in one of our chains, as iptables' words without "-A CHAIN". */
export type OwnRule = OwnChain & { words: readonly string[] }

const DOCKER_USER = 'DOCKER-USER'

/** Everything of one back end in one table: how it is spoken to, and what is there. */
export type Table = {
  engine: FwRule['engine']
  /** Runs iptables, or its twin for the back end and family, on this table. */
  program(...words: readonly string[]): Program
  chain(name: string): FwChain | undefined
  /** In their order. */
  rules(chain: string): FwRule[]
}

/** The table of the back end that the namespace uses. Throws Refused where there is none, or it is not iptables'. */
export function tableOf(snapshot: HostSnapshot, at: Omit<OwnChain, 'hook'>): Table {
  const { netns, family, table } = at
  const engine = engineOf(snapshot, netns)
  const is = (one: { netns: string; engine: string; family: string; table: string }) =>
    one.netns === netns && one.engine === engine && one.family === family && one.table === table
  if (recordsOf(snapshot, 'fwTable').some((one) => is(one) && one.dialect === 'nftables'))
    throw new Refused('TABLE_FOREIGN', { table, family })
  return {
    engine,
    program: (...words) => programOf(snapshot, { netns, engine, family, table }, words),
    chain: (name) => recordsOf(snapshot, 'fwChain').find((one) => is(one) && one.chain === name),
    rules: (chain) => rulesIn(snapshot, (one) => is(one) && one.chain === chain),
  }
}

/** Runs iptables on the table that a rule stands in, whichever back end that is. */
export function programFor(snapshot: HostSnapshot, rule: FwRule, words: readonly string[]): Program {
  const { netns, engine, table } = rule
  return programOf(snapshot, { netns, engine, family: rule.family === 'ip6' ? 'ip6' : 'ip', table }, words)
}

export const nameOf = ({ hook }: Pick<OwnChain, 'hook'>): string => `${OWN_CHAIN}${hook}`

/** Steps that put rules into our chains, and make the chains that are not there yet. */
export function addRules(snapshot: HostSnapshot, rules: readonly OwnRule[], position?: number): Step[] {
  const made = new Set<string>()
  return rules.flatMap((rule) => {
    const table = tableOf(snapshot, rule)
    const chain = nameOf(rule)
    const key = `${rule.family} ${rule.table} ${chain}`
    const before = made.has(key) ? [] : openChain(rule, table)
    made.add(key)
    const place = position === undefined ? ['-A', chain] : ['-I', chain, String(position)]
    const step: Step = {
      title: phrase('rule.add', { chain }),
      act: table.program(...place, ...rule.words),
      undo: [{ ...table.program('-D', chain, ...rule.words), mayBeGone: true }, ...closeChain(chain, table.program)],
      expects: [inNetns(rule)],
    }
    return [...before, step]
  })
}

/** Steps that take rules out of our chains, and the chains away whose last rule goes. */
export function deleteRules(snapshot: HostSnapshot, rules: readonly FwRule[]): Step[] {
  const gone = new Set<string>()
  return rules.flatMap((rule) => {
    // Undo goes backwards: those that went before it are not there yet when it comes back.
    const others = siblings(snapshot, rule).filter(({ id }) => id !== rule.id && !gone.has(id))
    const place = others.filter(({ position }) => position < rule.position).length + 1
    gone.add(rule.id)
    const run = (...words: string[]) => programFor(snapshot, rule, words)
    const words = wordsOf(rule.text)
    const step: Step = {
      title: phrase('rule.delete', { chain: rule.chain }),
      act: run('-D', rule.chain, ...words),
      // It may not have been deleted yet: then it must not be there twice.
      undo: [{ ...run('-D', rule.chain, ...words), mayBeGone: true }, run('-I', rule.chain, String(place), ...words)],
      expects: [{ kind: 'record', of: 'netns', id: rule.netns }],
    }
    return others.length > 0 ? [step] : [step, ...removeChain(snapshot, rule)]
  })
}

/** Acts that take our chain away once it is empty, wherever it is jumped to from. */
export function closeChain(chain: string, program: Table['program']): Program[] {
  const ifEmpty = program('-S', chain).argv
  const hook = chain.slice(OWN_CHAIN.length)
  const from = hook === 'FORWARD' ? [hook, DOCKER_USER] : [hook]
  return [
    ...from.map((one): Program => ({ ...program('-D', one, '-j', chain), mayBeGone: true, ifEmpty })),
    { ...program('-X', chain), ifEmpty },
  ]
}

/** Steps that make our chain and lead packets through it, as far as that is not so yet. */
export function openChain(own: OwnChain, table: Table): Step[] {
  const chain = nameOf(own)
  const expects = [inNetns(own)]
  const steps: Step[] = []
  const isNew = table.chain(chain) === undefined
  if (isNew) {
    const title = phrase('chain.add', { chain })
    steps.push({ title, act: table.program('-N', chain), undo: closeChain(chain, table.program), expects })
  }
  const from = jumpsFrom(own, table)
  if (!table.rules(from).some(({ target }) => target === chain)) {
    const title = phrase('chain.jump', { chain, from })
    const act = table.program(...placeIn(from, table), '-j', chain)
    const undo = isNew
      ? closeChain(chain, table.program)
      : [{ ...table.program('-D', from, '-j', chain), mayBeGone: true } as const]
    steps.push({ title, act, undo, expects })
  }
  return steps
}

/** The same rule among those of our chain. */
export const findRule = (table: Table, { hook, words }: OwnRule): FwRule | undefined =>
  table.rules(nameOf({ hook })).find(({ text }) => isSameRule(wordsOf(text), words))

/**
 * Docker lets others decide in DOCKER-USER, before the rules that keep its networks apart; it puts that chain first again
 * whenever it starts, so that our place in FORWARD itself would be behind them.
 */
export function jumpsFrom({ hook }: OwnChain, table: Table): string {
  const asksUser = hook === 'FORWARD' && table.rules('FORWARD').some(({ target }) => target === DOCKER_USER)
  return asksUser ? DOCKER_USER : hook
}

/** First in a chain of the kernel's; in DOCKER-USER behind what the administrator wrote, which goes before us. */
function placeIn(from: string, table: Table): string[] {
  if (from !== DOCKER_USER) return ['-I', from, '1']
  const rules = table.rules(from)
  const last = rules.at(-1)
  return last && wordsOf(last.text).join(' ') === '-j RETURN' ? ['-I', from, String(rules.length)] : ['-A', from]
}

/** Takes an empty chain of ours away, and the rules that jump to it. */
function removeChain(snapshot: HostSnapshot, rule: FwRule): Step[] {
  const { chain } = rule
  const run = (...words: string[]) => programFor(snapshot, rule, words)
  const jumps = rulesIn(snapshot, (one) => isSameTable(one, rule) && one.target === chain)
  return [
    // The last first, so that undo finds the places of the first ones as they were.
    ...jumps.reverse().map((jump): Step => {
      const words = wordsOf(jump.text)
      return {
        title: phrase('chain.unjump', { chain, from: jump.chain }),
        act: run('-D', jump.chain, ...words),
        undo: [
          { ...run('-D', jump.chain, ...words), mayBeGone: true },
          run('-I', jump.chain, String(jump.position), ...words),
        ],
        expects: [],
      }
    }),
    { title: phrase('chain.delete', { chain }), act: run('-X', chain), undo: [run('-N', chain)], expects: [] },
  ]
}

type Where = { netns: string; engine: FwRule['engine']; family: IpFamily; table: string }

/** Where "iptables" is the other back end, its twin is named; legacy waits for others that change rules at this moment. */
function programOf(snapshot: HostSnapshot, { netns, engine, family, table }: Where, words: readonly string[]): Program {
  const plain = snapshot.host.iptables
  if (plain === undefined) throw new Refused('IPTABLES_MISSING')
  const name = family === 'ip' ? 'iptables' : 'ip6tables'
  return {
    place: netns,
    argv: [
      plain === engine ? name : `${name}-${engine}`,
      ...(engine === 'legacy' ? ['-w', '5'] : []),
      ...(table === 'filter' ? [] : ['-t', table]),
      ...words,
    ],
  }
}

/**
 * The back end that a namespace uses: Docker's, the one with our chains, the only one with rules, the only one with tables,
 * that of the host itself, or what "iptables" stands for. Throws Refused without iptables.
 */
function engineOf(snapshot: HostSnapshot, netns: string): FwRule['engine'] {
  const plain = snapshot.host.iptables
  if (plain === undefined) throw new Refused('IPTABLES_MISSING')
  const tables = recordsOf(snapshot, 'fwTable').filter((one) => one.netns === netns && one.dialect === 'iptables')
  const isIn = (one: { netns: string; engine: string; family: string; table: string }) =>
    tables.some((table) => isSameTable(table, one))
  const chains = recordsOf(snapshot, 'fwChain').filter(isIn)
  // The first ones mostly tell, and there may be thousands of rules.
  const clues: (() => { engine: FwRule['engine'] }[])[] = [
    () => chains.filter(({ chain }) => chain === DOCKER_USER || chain === 'DOCKER'),
    () => chains.filter(isOwnRule),
    () => recordsOf(snapshot, 'fwRule').filter(isIn),
    () => tables,
  ]
  for (const clue of clues) {
    const engines = new Set(clue().map(({ engine }) => engine))
    const [only] = engines
    if (only !== undefined && engines.size === 1) return only
  }
  const { rootNetns } = snapshot.host
  return netns === rootNetns ? plain : engineOf(snapshot, rootNetns)
}

const isSameTable = (
  a: Omit<Where, 'family'> & { family: string },
  b: { netns: string; engine: string; family: string; table: string },
) => a.netns === b.netns && a.engine === b.engine && a.family === b.family && a.table === b.table

const siblings = (snapshot: HostSnapshot, rule: FwRule): FwRule[] =>
  rulesIn(snapshot, (one) => isSameTable(one, rule) && one.chain === rule.chain)

const rulesIn = (snapshot: HostSnapshot, holds: (rule: FwRule) => boolean): FwRule[] =>
  recordsOf(snapshot, 'fwRule')
    .filter(holds)
    .sort((a, b) => a.position - b.position)

const inNetns = ({ netns }: OwnChain): Expect => ({ kind: 'record', of: 'netns', id: netns })
