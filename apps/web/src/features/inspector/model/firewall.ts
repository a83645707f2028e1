import type { FwChain, FwRule } from '@hopscope/model'
import { fwChainId, fwTableId, recordsOf } from '@hopscope/model'
import { missing, section } from './build.ts'
import { byHand } from './commands.ts'
import { inNetns, refTo, type Scope } from './context.ts'
import type { ChainListing, RuleLine, Section } from './page.ts'

/** The rules of a namespace: NAT by itself, since that is what most people look for, then everything else. */
export function firewallSections(s: Scope, netns: string): (Section | undefined)[] {
  const listings = listingsOf(s, netns)
  const nat = listings.filter((l) => l.chain.table === 'nat' || l.chain.type === 'nat')
  const rest = listings.filter((l) => !nat.includes(l))
  const gap = missing(s, 'nftables') ?? missing(s, 'iptablesLegacy')
  return [chainsSection(s, 'nat', nat), chainsSection(s, 'firewall', rest, gap)]
}

/** The chains of a namespace with their rules in order: where packets come in first, chains nobody uses last. */
export function listingsOf(s: Scope, netns: string): ChainListing[] {
  const rules = new Map<string, FwRule[]>()
  for (const r of inNetns(s, 'fwRule', netns)) {
    const id = fwChainId(r)
    const list = rules.get(id)
    if (list) list.push(r)
    else rules.set(id, [r])
  }
  const all = inNetns(s, 'fwChain', netns).map((chain) => listing(s, chain, rules.get(chain.id) ?? []))
  return all.sort((a, b) => rank(a) - rank(b) || (a.chain.id < b.chain.id ? -1 : 1))
}

export function listing(s: Scope, chain: FwChain, rules: readonly FwRule[]): ChainListing {
  const ordered = [...rules].sort((a, b) => a.position - b.position)
  return { chain, to: refTo(s, 'fwChain', chain), rules: ordered.map((r) => ruleLine(s, r)) }
}

/** Chains that jump to this one. */
export function jumpsTo(s: Scope, chain: FwChain): FwRule[] {
  return recordsOf(s.snapshot, 'fwRule').filter(
    (r) =>
      r.netns === chain.netns &&
      r.engine === chain.engine &&
      r.family === chain.family &&
      r.table === chain.table &&
      r.target === chain.chain,
  )
}

export function ruleLine(s: Scope, r: FwRule): RuleLine {
  const jump = r.target === undefined ? undefined : s.snapshot.records.fwChain[fwChainId({ ...r, chain: r.target })]
  return {
    id: r.id,
    to: refTo(s, 'fwRule', r),
    position: r.position,
    ...(r.target !== undefined && { target: r.target }),
    effect: jump ? 'jump' : effectOf(r.target),
    ...(jump && { jump: refTo(s, 'fwChain', jump) }),
    text: matchText(r),
    ...(r.comment !== undefined && { comment: r.comment }),
  }
}

/** The rule without what is said apart: its chain, its jump and its comment. What is rewritten stays. */
export function matchText(r: FwRule): string {
  const target = r.target?.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return r.text
    .replace(/^-A \S+ ?/, '')
    .replace(/ ?-m comment --comment (?:"(?:[^"\\]|\\.)*"|\S+)/, '')
    .replace(/ ?comment "(?:[^"\\]|\\.)*"/, '')
    .replace(target === undefined ? /$^/ : new RegExp(`(?:^| )-[jg] ${target}(?= |$)`), '')
    .trim()
}

function effectOf(target: string | undefined): RuleLine['effect'] {
  switch (target?.toUpperCase()) {
    case 'ACCEPT':
      return 'accept'
    case 'DROP':
    case 'REJECT':
      return 'drop'
    case 'DNAT':
    case 'SNAT':
    case 'MASQUERADE':
    case 'REDIRECT':
      return 'rewrite'
    default:
      return 'other'
  }
}

function chainsSection(
  s: Scope,
  key: 'nat' | 'firewall',
  chains: readonly ChainListing[],
  gap?: ReturnType<typeof missing>,
): Section | undefined {
  if (chains.length === 0 && !gap) return undefined
  const count = chains.reduce((n, c) => n + c.rules.length, 0)
  const commands = [...new Set(chains.flatMap((c) => tableCommands(s, c.chain)))]
  return section(key, [gap, chains.length > 0 ? { kind: 'chains', hostId: s.hostId, chains } : undefined], {
    count,
    commands,
  })
}

/** The dialect the table was written in; nft where iptables cannot show it. */
const tableCommands = (s: Scope, c: FwChain): string[] => {
  const typed = byHand(s, 'fwTable', fwTableId(c), 'rules')
  return typed.length > 0 ? typed : byHand(s, 'fwTable', fwTableId(c), 'nft')
}

const HOOKS = ['ingress', 'prerouting', 'input', 'forward', 'output', 'postrouting', 'egress']

const rank = ({ chain, rules }: ChainListing): number => {
  const hook = HOOKS.indexOf(chain.hook ?? '')
  const place = hook < 0 ? 20 : hook
  return place + (rules.length === 0 ? 100 : 0) + (chain.family === 'ip' || chain.family === 'inet' ? 0 : 50)
}
