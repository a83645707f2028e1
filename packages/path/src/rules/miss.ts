import type { Basis } from '@hopscope/model'
import type { Rule } from '../host/firewall.ts'
import { isInet6 } from '../ip.ts'
import { answerTo, tupleAnswer } from './evaluate.ts'
import { factOf, isArp, type Scene } from './facts.ts'
import { factText, valuesText } from './fieldText.ts'
import type { Action, Field, Match } from './rule.ts'

/** Why a rule did not match. Several fields stand for one of their concatenations; texts are as iptables and nft print them. */
export type Miss =
  /** The packet has something else than the rule wants, or, with `not`, what it leaves out. `has` is empty for nothing. */
  | { why: 'differs'; fields: readonly Field[]; has: readonly string[]; not: boolean; wants: readonly string[] }
  /** There is no such thing about the packet: no port of an icmp packet. */
  | { why: 'lacks'; fields: readonly Field[] }
  /** A map of the rule has no entry for the packet. */
  | { why: 'noEntry'; fields: readonly Field[]; has: readonly string[] }
  /** Of a prediction: with these parts nobody can tell, it may match. */
  | { why: 'may'; what: readonly string[] }
  /** Of a packet that was seen: it is one of these parts, about which nobody was told. */
  | { why: 'oneOf'; what: readonly string[] }
  /** As the rule stands by now it would match. */
  | { why: 'changed' }
  /** What the packet looked like there is not known. */
  | { why: 'unseen' }

/** The first part of a rule that a packet fails for certain, else what is doubtful. For a rule that did not match. */
export function missOf(rule: Rule, scene: Scene, basis: Basis): Miss {
  const doubts: string[] = []
  for (const statement of rule.statements()) {
    switch (statement.kind) {
      case 'match': {
        const answer = answerTo(statement, scene)
        if (answer === false) return failed(statement, scene)
        if (answer !== true) doubts.push(statement.text)
        break
      }
      case 'map': {
        const answers = statement.entries.map(({ values }) => tupleAnswer(statement.fields, values, scene))
        if (answers.every((answer) => answer === false)) return withoutEntry(statement, scene)
        if (!answers.includes(true)) doubts.push(statement.fields.join(' . '))
        break
      }
      case 'maybe':
      case 'unknown':
        doubts.push(statement.what)
    }
  }
  if (doubts.length === 0) return { why: 'changed' }
  return { why: basis === 'predicted' ? 'may' : 'oneOf', what: doubts }
}

function failed({ fields, not, alternatives }: Match, scene: Scene): Miss {
  if (fields.some((field) => factOf(field, scene) === undefined)) return lacking(fields, scene)
  const wants = alternatives.map((values) =>
    fields.map((field, i) => (values[i] === undefined ? '' : valuesText(field, values[i]))).join(' . '),
  )
  return { why: 'differs', fields, has: hasIn(fields, scene), not, wants }
}

function withoutEntry({ fields }: Extract<Action, { kind: 'map' }>, scene: Scene): Miss {
  if (fields.some((field) => factOf(field, scene) === undefined)) return lacking(fields, scene)
  return { why: 'noEntry', fields, has: hasIn(fields, scene) }
}

function lacking(fields: readonly Field[], scene: Scene): Miss {
  const lacks = fields.filter((field) => factOf(field, scene) === undefined)
  const [has, wants] = isInet6(scene.packet.dst) ? (['ipv6', 'ipv4'] as const) : (['ipv4', 'ipv6'] as const)
  // It has another family's instead.
  if (!isArp(scene.packet) && lacks.some((field) => FIELDS_OF[wants].has(field)))
    return { why: 'differs', fields: ['family'], has: [has], not: false, wants: [wants] }
  return { why: 'lacks', fields: lacks }
}

const FIELDS_OF: Readonly<Record<'ipv4' | 'ipv6', ReadonlySet<Field>>> = {
  ipv4: new Set(['src', 'dst']),
  ipv6: new Set(['src6', 'dst6', 'hopLimit']),
}
const hasIn = (fields: readonly Field[], scene: Scene): string[] =>
  fields.map((field) => factText(field, factOf(field, scene)))
