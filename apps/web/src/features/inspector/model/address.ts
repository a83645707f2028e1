import type { Address } from '@hopscope/model'
import { crumbs, fact, facts, missing, say, section, sections } from './build.ts'
import { byHand } from './commands.ts'
import { iconOf, linkAt, linkValueAt, placeName, refKey, refTo, type Scope, scopeOf } from './context.ts'
import type { PageDraft, Row, Section } from './page.ts'

/** An address of an interface, and who else is on its subnet. */
export function addressPage(s: Scope, a: Address): PageDraft {
  const ref = refTo(s, 'address', a)
  const segment = s.mainNode.get(refKey(ref))
  return {
    ref,
    icon: segment?.kind ?? iconOf(s, ref),
    title: `${a.local}/${a.prefixLength}`,
    crumbs: crumbs(s, a.netns),
    copyId: a.local,
    sections: sections(
      section(
        'overview',
        [
          facts(
            fact('address', a.local),
            fact(
              'prefixLength',
              say('prefix', { length: a.prefixLength, bits: (a.family === 'inet' ? 32 : 128) - a.prefixLength }),
            ),
            fact('link', linkValueAt(s, a.netns, a.index)),
            fact('family', say(a.family === 'inet' ? 'ipv4' : 'ipv6')),
            fact('scope', say(scopeKey(a.scope), { name: a.scope })),
            fact('broadcast', a.broadcast),
            fact('peerAddress', a.peer),
            fact('label', a.label),
            a.flags.length > 0 ? fact('addressFlags', ...a.flags) : undefined,
          ),
        ],
        { commands: byHand(s, 'address', a.id) },
      ),
      segmentSection(s, a),
    ),
  }
}

/** All addresses of a list, each with its interface. */
export function addressesSection(s: Scope, list: readonly Address[], commands: readonly string[]): Section | undefined {
  const gap = missing(s, 'addresses')
  if (list.length === 0 && !gap) return undefined
  const sorted = [...list].sort((a, b) => (a.family === b.family ? a.index - b.index : a.family < b.family ? -1 : 1))
  return section(
    'addresses',
    [gap, { kind: 'rows', rows: sorted.map((a) => addressRow(s, a)), empty: say('noAddresses') }],
    {
      count: list.length,
      commands,
    },
  )
}

function addressRow(s: Scope, a: Address): Row {
  const link = linkAt(s, a.netns, a.index)
  return {
    id: a.id,
    title: `${a.local}/${a.prefixLength}`,
    to: refTo(s, 'address', a),
    text: link ? [say('onLink', { name: link.name })] : [],
    tags: [...(a.scope === 'global' ? [] : [{ text: a.scope }]), ...notable(a).map((text) => ({ text }))],
  }
}

const notable = (a: Address) => a.flags.filter((f) => f !== 'permanent' && f !== 'noprefixroute')

/** The wire that the address is on, when the map draws it: the NICs of all hosts that share it. */
function segmentSection(s: Scope, a: Address): Section | undefined {
  const key = refKey(refTo(s, 'address', a))
  const node = s.topology.nodes.find((n) => n.kind === 'segment' && n.refs.some((r) => refKey(r) === key))
  if (!node) return undefined
  const rows = node.refs.flatMap((ref): Row[] => {
    const there = scopeOf(s, ref.hostId)
    const other = there?.snapshot.records.address[ref.id]
    if (!there || !other) return []
    const link = linkAt(there, other.netns, other.index)
    return [
      {
        id: refKey(ref),
        title: `${other.local}/${other.prefixLength}`,
        to: ref,
        icon: 'nic',
        text: [say('isOf', { name: link?.name ?? '?', place: placeName(there, other.netns) })],
      },
    ]
  })
  return section('segment', [{ kind: 'rows', rows, empty: say('noAddresses') }], { count: rows.length })
}

const scopeKey = (scope: string) =>
  scope === 'global' ? 'scopeGlobal' : scope === 'link' ? 'scopeLink' : scope === 'host' ? 'scopeHost' : 'scopeOther'
