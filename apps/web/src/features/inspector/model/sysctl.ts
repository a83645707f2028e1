import type { Sysctl } from '@hopscope/model'
import { crumbs, fact, facts, onOff, say, section, sections } from './build.ts'
import { byHand } from './commands.ts'
import { linkAt, placeName, refTo, type Scope } from './context.ts'
import type { PageDraft, Row, Section } from './page.ts'

/** The switches of a namespace, and of each of its interfaces. */
export function sysctlPage(s: Scope, x: Sysctl): PageDraft {
  const rows = Object.entries(x.links).flatMap(([index, own]): Row[] => {
    const link = linkAt(s, x.netns, Number(index))
    if (!link) return []
    const text = [
      ...(own.forwarding4 === undefined ? [] : [say(own.forwarding4 ? 'forwards' : 'forwardsNot')]),
      ...(own.rpFilter === undefined ? [] : [say('rpIs', { value: own.rpFilter })]),
    ]
    return [{ id: link.id, title: link.name, to: refTo(s, 'link', link), icon: 'interface', text }]
  })
  return {
    ref: refTo(s, 'sysctl', x),
    icon: 'stack',
    title: placeName(s, x.netns),
    crumbs: crumbs(s, x.netns),
    copyId: x.netns,
    sections: sections(
      switchesSection(s, x),
      rows.length > 0
        ? section('perLink', [{ kind: 'rows', rows, empty: say('none') }], { count: rows.length })
        : undefined,
    ),
  }
}

/** What decides whether and how a namespace forwards. */
export function switchesSection(s: Scope, x: Sysctl): Section {
  // Other namespaces may lack these files although the module is loaded.
  const root = x.netns === s.snapshot.host.rootNetns
  return section(
    'switches',
    [
      facts(
        fact(
          'ipForward',
          x.ipForward === undefined ? { unknown: 'sysctl' } : say(x.ipForward ? 'forwardOn' : 'forwardOff'),
        ),
        fact('ip6Forwarding', onOff(x.ip6Forwarding)),
        x.rpFilterAll === undefined ? undefined : fact('rpFilterAll', say(rpKey(x.rpFilterAll))),
        x.rpFilterDefault === undefined ? undefined : fact('rpFilterDefault', say(rpKey(x.rpFilterDefault))),
        fact('bridgeNfCallIptables', onOff(x.bridgeNfCallIptables) ?? (root ? { unknown: 'brNetfilter' } : undefined)),
        fact('bridgeNfCallIp6tables', onOff(x.bridgeNfCallIp6tables)),
        fact('bridgeNfCallArptables', onOff(x.bridgeNfCallArptables)),
      ),
    ],
    { commands: byHand(s, 'sysctl', x.id) },
  )
}

export const rpKey = (n: number) => (n === 1 ? 'rpStrict' : n === 2 ? 'rpLoose' : 'off')
