import type { RuleHit } from '@hopscope/model'
import type { BaseChain, Chain, Rule, Table } from '../host/firewall.ts'
import type { Packet } from '../packet.ts'
import { type Fact, factOf, type Scene } from './facts.ts'
import type { Action, Field, Match, NatTarget, Span, Values } from './rule.ts'

/** A change of addresses that a rule asks for. */
export type Translation =
  | { kind: 'dnat' | 'snat'; to: NatTarget; ruleId: string }
  | { kind: 'masquerade' | 'redirect'; ports?: Span; random?: true; ruleId: string }

/** What became of a packet in a base chain. */
export type Run = {
  verdict: 'accept' | 'drop' | 'reject' | 'queue'
  policy: boolean
  hits: RuleHit[]
  packet: Packet
  ctMark?: number
  translation?: Translation
  reject?: { with: 'tcp-reset' | 'icmp'; code: number; code6?: number }
  /** The rule that decided. */
  by?: Rule
}
/** Nobody can tell, because of this part of this rule. */
export type Doubt = { what: string; ruleId: string }
export type Evaluated = { run: Run } | { doubt: Doubt }

/** More doubtful matches than these are not tried both ways. */
const MOST_DOUBTS = 4

/**
 * Sends a packet through a base chain. A match that nobody can answer is tried both ways: where both end alike it does
 * not matter, else the answer is that doubt.
 */
export function evaluate(base: BaseChain, scene: Scene): Evaluated {
  const first = runOnce(base, scene, [])
  if ('doubt' in first) return first
  if (first.doubts.length === 0) return { run: first.run }
  const same = keyOf(first.run)
  const pending: boolean[][] = first.doubts.map((_, i) => [...Array.from({ length: i }, () => false), true])
  for (let next = pending.pop(); next; next = pending.pop()) {
    const other = runOnce(base, scene, next)
    if ('doubt' in other) return other
    const [doubt] = first.doubts
    if (doubt && (keyOf(other.run) !== same || other.doubts.length > MOST_DOUBTS)) return { doubt }
    const from = next.length
    for (let i = from; i < other.doubts.length; i++)
      pending.push([...next, ...Array.from({ length: i - from }, () => false), true])
  }
  return { run: first.run }
}

const keyOf = ({ verdict, packet, ctMark, translation, reject }: Run): string =>
  JSON.stringify([verdict, packet.mark, packet.ct?.state, ctMark, translation && targetText(translation), reject])

/** Where a translation leads to, by whichever rule. */
export const targetText = (translation: Translation): string =>
  JSON.stringify({ ...translation, ruleId: '' }, (_, value: unknown) =>
    typeof value === 'bigint' ? `${value}` : value,
  )

type Once = { run: Run; doubts: Doubt[] } | { doubt: Doubt }
type State = {
  table: Table
  scene: Scene
  run: Omit<Run, 'verdict' | 'policy'>
  answers: readonly boolean[]
  doubts: Doubt[]
  unknown?: Doubt
  steps: number
}
/** Of a rule or a chain: undefined when the next rule is to be asked. */
type Result = { verdict: Run['verdict'] } | 'return' | undefined

export type Answer = boolean | { doubt: string }

/** Whether a match holds for a packet. */
export function answerTo({ fields, alternatives, not }: Match, scene: Scene): Answer {
  let doubtful: string | undefined
  for (const values of alternatives) {
    const answer = tupleAnswer(fields, values, scene)
    if (answer === true) return !not
    if (answer !== false) doubtful = answer.doubt
  }
  // A field that the packet does not have is neither among the values nor outside of them: the rule does not match.
  if (fields.some((field) => factOf(field, scene) === undefined)) return not && fields.every(isOwner)
  return doubtful === undefined ? not : { doubt: doubtful }
}

/** Whether one entry of a map is the packet's. */
export function tupleAnswer(fields: readonly Field[], values: readonly Values[], scene: Scene): Answer {
  let doubt: Answer = true
  for (const [i, field] of fields.entries()) {
    const of = values[i]
    const answer = of === undefined ? false : answerOf(factOf(field, scene), of)
    if (answer === false) return false
    if (answer !== true) doubt = answer
  }
  return doubt
}

function runOnce(base: BaseChain, scene: Scene, answers: readonly boolean[]): Once {
  const state: State = {
    table: base.table,
    scene,
    run: { hits: [], packet: scene.packet },
    answers,
    doubts: [],
    steps: 0,
  }
  const result = runChain(base.chain, state)
  if (state.unknown) return { doubt: state.unknown }
  if (result !== undefined && result !== 'return')
    return { run: { ...state.run, verdict: result.verdict, policy: false }, doubts: state.doubts }
  const policy = base.chain.record.policy?.toLowerCase() === 'drop' ? 'drop' : 'accept'
  return { run: { ...state.run, verdict: policy, policy: true }, doubts: state.doubts }
}

function runChain(chain: Chain, state: State): Result {
  for (const rule of chain.rules) {
    const result = runRule(rule, state)
    if (state.unknown || result !== undefined) return result
  }
  return undefined
}

function runRule(rule: Rule, state: State): Result {
  for (const statement of rule.statements()) {
    switch (statement.kind) {
      case 'match':
        if (!holds(statement, rule, state)) return undefined
        break
      case 'maybe':
        if (!guess(statement.what, rule, state)) return undefined
        break
      case 'unknown':
        state.unknown = { what: statement.what, ruleId: rule.record.id }
        return undefined
      default: {
        const done = act(statement, rule, state)
        if (done !== 'on') return done
      }
    }
  }
  state.run.hits.push(hitOf(rule, 'continue'))
  return undefined
}

function guess(what: string, rule: Rule, state: State): boolean {
  const answer = state.answers[state.doubts.length] ?? false
  state.doubts.push({ what: `${what} (${rule.record.text})`, ruleId: rule.record.id })
  return answer
}

/** `on`: the next statement of the same rule. */
function act(action: Action, rule: Rule, state: State): Result | 'on' {
  const { run } = state
  const hit = (verdict: RuleHit['verdict'], to?: string) => run.hits.push(hitOf(rule, verdict, to))
  switch (action.kind) {
    case 'accept':
    case 'drop':
    case 'queue':
      hit(action.kind)
      state.run.by = rule
      return { verdict: action.kind }
    case 'reject':
      hit('reject')
      state.run.by = rule
      state.run.reject = action
      return { verdict: 'reject' }
    case 'return':
      hit('return')
      return 'return'
    case 'continue':
      hit('continue')
      return undefined
    case 'jump':
    case 'goto':
      return lead(action, rule, state)
    case 'dnat':
    case 'snat':
    case 'masquerade':
    case 'redirect':
      hit('accept')
      state.run.by = rule
      state.run.translation = { ...action, ruleId: rule.record.id }
      return { verdict: 'accept' }
    case 'map': {
      const entry = action.entries.find(({ values }) => tupleHolds(action.fields, values, rule, state))
      return entry === undefined ? undefined : act(entry.action, rule, state)
    }
    case 'nothing':
      break
    default:
      change(action, state)
  }
  return 'on'
}

export type Change = Extract<Action, { kind: 'mark' | 'ctMark' | 'saveMark' | 'restoreMark' | 'notrack' }>

/** What a rule does to the packet and to the mark of its connection. */
export function change(action: Change, state: { run: Pick<Run, 'packet' | 'ctMark'>; scene: Scene }): void {
  const { run, scene } = state
  const { packet } = run
  const ctMark = run.ctMark ?? packet.ct?.entry?.mark
  const set = (p: Packet) => {
    run.packet = p
    state.scene = { ...scene, packet: p, ...(run.ctMark !== undefined && { ctMark: run.ctMark }) }
  }
  switch (action.kind) {
    case 'mark':
      set({ ...packet, mark: ((packet.mark & ~action.mask) ^ action.value) >>> 0 })
      break
    case 'ctMark':
      if (ctMark !== undefined) run.ctMark = ((ctMark & ~action.mask) ^ action.value) >>> 0
      set(packet)
      break
    case 'saveMark':
      if (ctMark !== undefined) run.ctMark = ((ctMark & ~action.clears) ^ (packet.mark & action.takes)) >>> 0
      set(packet)
      break
    case 'restoreMark':
      if (ctMark !== undefined)
        set({ ...packet, mark: ((packet.mark & ~action.clears) ^ (ctMark & action.takes)) >>> 0 })
      break
    case 'notrack':
      if (packet.ct === undefined) set({ ...packet, ct: { state: 'UNTRACKED', direction: 'original' } })
  }
}

function lead({ kind, chain: to }: { kind: 'jump' | 'goto'; chain: string }, rule: Rule, state: State): Result {
  const chain = state.table.chains.get(to)
  state.steps += 1
  // A target that we do not know looks like a chain that is not there.
  if (!chain || state.steps > 1000) {
    state.unknown = { what: rule.record.text, ruleId: rule.record.id }
    return undefined
  }
  state.run.hits.push(hitOf(rule, kind, to))
  const result = runChain(chain, state)
  if (result === 'return' || result === undefined) return kind === 'goto' ? 'return' : undefined
  return result
}

function hitOf({ record }: Rule, verdict: RuleHit['verdict'], to?: string): RuleHit {
  const { chain, id, handle, position, text, target } = record
  return { chain, ruleId: id, handle, position, text, verdict, ...(target && { target }), ...(to && { to }) }
}

function holds(match: Match, rule: Rule, state: State): boolean {
  const answer = answerTo(match, state.scene)
  return typeof answer === 'boolean' ? answer : guess(`${match.text}: ${answer.doubt}`, rule, state)
}

/** "! --uid-owner" holds for a packet that nobody here sent. */
const isOwner = (field: Field): boolean => field === 'uid'

function tupleHolds(fields: readonly Field[], values: readonly Values[], rule: Rule, state: State): boolean {
  const answer = tupleAnswer(fields, values, state.scene)
  return typeof answer === 'boolean' ? answer : guess(answer.doubt, rule, state)
}

function answerOf(fact: Fact, values: Values): Answer {
  if (fact === undefined) return false
  if (typeof fact === 'object' && 'unknown' in fact) return { doubt: fact.unknown }
  if (values.kind === 'any') return true
  if (typeof fact === 'number') return numberAnswer(fact, values)
  if (typeof fact === 'bigint')
    return values.kind === 'ranges6' && values.ranges.some(([from, to]) => fact >= from && fact <= to)
  if ('between' in fact) return betweenAnswer(fact, values)
  if ('has' in fact) return someAnswer(fact, values)
  return wordsAnswer(fact, values)
}

function numberAnswer(n: number, values: Values): Answer {
  if (values.kind === 'ranges') return values.ranges.some(([from, to]) => n >= from && n <= to)
  return values.kind === 'masked' && (n & values.mask) >>> 0 === values.value >>> 0
}

/** A port that the sender is given by chance, or another number that nobody knows. */
function betweenAnswer({ between: [low, high], what }: { between: Span; what: string }, values: Values): Answer {
  if (values.kind !== 'ranges') return false
  if (values.ranges.some(([from, to]) => from <= low && to >= high)) return true
  return values.ranges.every(([from, to]) => to < low || from > high) ? false : { doubt: what }
}

function someAnswer({ has, what }: Extract<Fact, { has: unknown }>, values: Values): Answer {
  if (values.kind !== 'words') return { doubt: what }
  const known = values.words.map((word) => has[word])
  return known.includes(true) ? true : known.every((one) => one === false) ? false : { doubt: what }
}

function wordsAnswer(fact: readonly string[], values: Values): Answer {
  if (values.kind === 'flags') {
    const there = values.of.filter((flag) => fact.includes(flag))
    return there.length === values.set.length && values.set.every((flag) => there.includes(flag))
  }
  if (values.kind !== 'words') return false
  return values.words.some((word) =>
    word.endsWith('+') ? fact.some((f) => f !== '' && f.startsWith(word.slice(0, -1))) : fact.includes(word),
  )
}
