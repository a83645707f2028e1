import type { FwChain, FwRule, Link } from '@hopscope/model'
import type { NodeKind, NodeState, RecordRef } from '@hopscope/topology'
import type { Messages } from '../../../i18n/messages.ts'

type Texts = Messages['inspector']
export type TermKey = keyof Texts['term']
export type SayKey = keyof Texts['say']
export type SectionKey = keyof Texts['section']
export type UnknownKey = keyof Texts['unknown']
export type FlagKey = keyof Texts['flag']

/** A sentence of the catalogue. */
export type Say = { say: SayKey; args?: Readonly<Record<string, string | number>> }

/** What stands behind a label: literally what the kernel or Docker says, a sentence, another object, or what is missing. */
export type Value =
  | { text: string }
  | Say
  | { to: RecordRef; text: string; icon: NodeKind; mono?: boolean }
  | { unknown: UnknownKey }
  | { time: string }

export type Fact = { term: TermKey; values: readonly Value[]; command?: string }

/** One line of a list; leads to its own page when `to` is there. */
export type Row = {
  id: string
  title: string
  to?: RecordRef
  icon?: NodeKind
  text?: readonly (string | Say)[]
  tags?: readonly Tag[]
  /** A link whose rates stand beside it while it carries anything. */
  live?: RecordRef
}
export type Tag = { text: string } | (Say & { tone?: 'ok' | 'warn' | 'danger' })

export type CableEnd = { to?: RecordRef; name: string; index?: number; place: string | Say; icon: NodeKind }

export type Block =
  | { kind: 'facts'; facts: readonly Fact[] }
  | { kind: 'say'; say: Say; tone?: 'warn' }
  | { kind: 'rows'; rows: readonly Row[]; empty: Say }
  | { kind: 'group'; title: string; to?: RecordRef; icon: NodeKind; facts: readonly Fact[] }
  | { kind: 'cable'; ends: readonly [CableEnd, CableEnd]; say: Say }
  | { kind: 'flags'; flags: readonly { name: string; key: FlagKey }[] }
  | { kind: 'counters'; hostId: string; link: Link }
  | { kind: 'chains'; hostId: string; chains: readonly ChainListing[] }
  | { kind: 'ruleCounter'; hostId: string; rule: FwRule }
  | { kind: 'age'; hostId: string; topic: 'conntrack' | 'fdb' | 'neighbours'; id: string }
  | { kind: 'file'; name: string; content: string | undefined; missing: UnknownKey }

export type ChainListing = { chain: FwChain; to: RecordRef; rules: readonly RuleLine[] }
export type RuleLine = {
  id: string
  to: RecordRef
  position: number
  target?: string
  /** Whether a packet's way ends at the target, goes on elsewhere, or is rewritten. */
  effect: 'accept' | 'drop' | 'rewrite' | 'jump' | 'other'
  jump?: RecordRef
  text: string
  comment?: string
}

export type Section = {
  key: SectionKey
  count?: number
  /** Folded until somebody opens it. */
  folded?: boolean
  blocks: readonly Block[]
  commands: readonly string[]
}

export type Crumb = { text: string; to?: RecordRef; icon: NodeKind }
export type Status = { state: NodeState; say: Say }

/** Everything that the inspector says about one record. */
export type Page = {
  ref: RecordRef
  icon: NodeKind
  title: string
  /** What it is, when the record's kind alone would say too little. */
  what?: Say
  status?: Status
  crumbs: readonly Crumb[]
  /** Whether anything on the map stands for it, or for what it belongs to. */
  onMap: boolean
  /** The text that "copy id" gives: what the tools call it. */
  copyId: string
  sections: readonly Section[]
}

/** A page as its kind makes it; whether the map shows it is found out for all kinds alike. */
export type PageDraft = Omit<Page, 'onMap'>
