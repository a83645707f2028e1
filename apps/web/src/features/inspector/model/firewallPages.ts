import type { FwChain, FwRule, FwSet, FwTable } from '@hopscope/model'
import { fwChainId, fwTableId } from '@hopscope/model'
import { crumbs, fact, facts, say, section, sections } from './build.ts'
import { byHand } from './commands.ts'
import { inNetns, refTo, type Scope } from './context.ts'
import { jumpsTo, listing, listingsOf, matchText, ruleLine } from './firewall.ts'
import type { Crumb, Fact, PageDraft, Row, Say, Section, Value } from './page.ts'

/** A table: who wrote it, and its chains with their rules. */
export function tablePage(s: Scope, t: FwTable): PageDraft {
  const chains = listingsOf(s, t.netns).filter(({ chain: c }) => fwTableId(c) === t.id)
  return {
    ref: refTo(s, 'fwTable', t),
    icon: 'stack',
    title: `${t.family} ${t.table}`,
    crumbs: crumbs(s, t.netns),
    copyId: t.table,
    sections: sections(
      section('overview', [facts(...tableFacts(t), t.flags.length > 0 ? fact('tableFlags', ...t.flags) : undefined)]),
      section('chains', [{ kind: 'chains', hostId: s.hostId, chains }], {
        count: chains.length,
        commands: byHand(s, 'fwTable', t.id),
      }),
      setsSection(t),
    ),
  }
}

/** The sets and maps that have a name, as nft calls them, with their elements. */
function setsSection({ sets = {} }: FwTable): Section | undefined {
  const rows = Object.entries(sets).map(
    ([name, set]): Row => ({
      id: name,
      title: `${set.kind} ${name}`,
      text: [set.type, ...elementsSaid(set)],
      tags: set.flags.map((text) => ({ text })),
    }),
  )
  return rows.length === 0
    ? undefined
    : section('sets', [{ kind: 'rows', rows, empty: say('none') }], { count: rows.length })
}

/** So many elements stand beside a set; the tables have all. */
const MOST_SHOWN = 20

function elementsSaid({ elements }: FwSet): (string | Say)[] {
  switch (elements.kind) {
    case 'changing':
      return [say('setChanges')]
    case 'tooMany':
      return [say('setTooMany', { count: elements.count })]
    case 'all': {
      const more = elements.all.length - MOST_SHOWN
      const shown = elements.all.slice(0, MOST_SHOWN).join(', ')
      return [shown === '' ? say('setEmpty') : shown, ...(more > 0 ? [say('andMore', { count: more })] : [])]
    }
  }
}

/** A chain: when it is asked, what happens to what no rule takes, its rules, and who jumps to it. */
export function chainPage(s: Scope, c: FwChain): PageDraft {
  const rules = inNetns(s, 'fwRule', c.netns).filter((r) => fwChainId(r) === c.id)
  const from = jumpsTo(s, c)
  return {
    ref: refTo(s, 'fwChain', c),
    icon: 'stack',
    title: c.chain,
    what: say(c.hook === undefined ? 'chainCalled' : 'chainBase', { table: c.table }),
    crumbs: [...crumbs(s, c.netns), ...tableCrumb(s, c)],
    copyId: c.chain,
    sections: sections(
      section('overview', [
        facts(
          ...tableFacts(c),
          c.hook === undefined ? undefined : fact('hook', say(hookKey(c.hook), { name: c.hook })),
          fact('chainPriority', c.priority),
          c.policy === undefined
            ? undefined
            : fact('policy', say(c.policy.toLowerCase() === 'drop' ? 'policyDrop' : 'policyAccept')),
          fact('chainType', c.type),
          fact('device', c.device),
        ),
      ]),
      section('rules', [{ kind: 'chains', hostId: s.hostId, chains: [listing(s, c, rules)] }], {
        count: rules.length,
        commands: byHand(s, 'fwChain', c.id),
      }),
      from.length > 0
        ? section('callers', [{ kind: 'rows', rows: from.map((r) => ruleRow(s, r)), empty: say('none') }], {
            count: from.length,
          })
        : undefined,
    ),
  }
}

/** A rule: what it takes, what it does with it, and how often it did. */
export function rulePage(s: Scope, r: FwRule): PageDraft {
  const line = ruleLine(s, r)
  const chain = s.snapshot.records.fwChain[fwChainId(r)]
  const target: Value | undefined =
    line.jump && r.target !== undefined
      ? { to: line.jump, text: r.target, icon: 'stack' }
      : r.target === undefined
        ? undefined
        : { text: r.target }
  return {
    ref: refTo(s, 'fwRule', r),
    icon: 'stack',
    title: `${r.chain} #${r.position}`,
    what: say('ruleOf', { chain: r.chain, table: r.table }),
    crumbs: [
      ...crumbs(s, r.netns),
      ...tableCrumb(s, r),
      ...(chain ? [{ text: r.chain, icon: 'stack' as const, to: refTo(s, 'fwChain', chain) }] : []),
    ],
    copyId: r.text,
    sections: sections(
      section(
        'overview',
        [
          facts(
            fact('target', target ?? say('noTarget')),
            target && fact('targetMeaning', say(`effect_${line.effect}`)),
            fact('match', matchText(r) || say('everything')),
            fact('comment', r.comment),
            fact('ruleText', r.text),
            fact('position', r.position),
            r.engine === 'nft' ? fact('handle', r.handle) : undefined,
            ...tableFacts(r),
          ),
          { kind: 'ruleCounter', hostId: s.hostId, rule: r },
        ],
        { commands: byHand(s, 'fwRule', r.id) },
      ),
    ),
  }
}

function tableFacts(t: { engine: string; family: string; table: string; dialect?: string }): (Fact | undefined)[] {
  return [
    fact('table', t.table),
    fact('fwFamily', t.family),
    fact('engine', say(t.engine === 'legacy' ? 'engineLegacy' : 'engineNft')),
    t.dialect === undefined ? undefined : fact('dialect', t.dialect),
  ]
}

function tableCrumb(s: Scope, key: { netns: string; engine: string; family: string; table: string }): Crumb[] {
  const table = s.snapshot.records.fwTable[fwTableId(key)]
  return [{ text: key.table, icon: 'stack', ...(table && { to: refTo(s, 'fwTable', table) }) }]
}

const ruleRow = (s: Scope, r: FwRule): Row => ({
  id: r.id,
  title: `${r.chain} #${r.position}`,
  to: refTo(s, 'fwRule', r),
  icon: 'stack',
  text: [matchText(r) || say('everything')],
})

const HOOK_KEYS = ['prerouting', 'input', 'forward', 'output', 'postrouting'] as const
const hookKey = (hook: string) => {
  const known = HOOK_KEYS.find((h) => h === hook)
  return known ? (`hook_${known}` as const) : ('hook_other' as const)
}
