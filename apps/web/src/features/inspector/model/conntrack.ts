import type { Conntrack } from '@hopscope/model'
import { crumbs, fact, facts, missing, say, section } from './build.ts'
import { byHand } from './commands.ts'
import { inNetns, linkValue, placeName, refTo, type Scope } from './context.ts'
import { ownerOfIp } from './owner.ts'
import type { Fact, PageDraft, Row, Section, Tag } from './page.ts'

/** A tracked connection: both directions, and what NAT changed between them. */
export function conntrackPage(s: Scope, c: Conntrack): PageDraft {
  const rewrite = rewriteSay(c)
  return {
    ref: refTo(s, 'conntrack', c),
    icon: 'stack',
    title: `${c.protocol} ${end(c.orig.src, c.orig.sport)} → ${end(c.orig.dst, c.orig.dport)}`,
    crumbs: crumbs(s, c.netns),
    copyId: `${c.ctId}`,
    sections: [
      section(
        'overview',
        [
          rewrite && { kind: 'say', say: rewrite },
          facts(
            fact('ctOrig', `${end(c.orig.src, c.orig.sport)} → ${end(c.orig.dst, c.orig.dport)}`),
            fact('ctReply', `${end(c.reply.src, c.reply.sport)} → ${end(c.reply.dst, c.reply.dport)}`),
            whose(s, 'ctFrom', c.orig.src),
            whose(s, 'ctTo', c.reply.src),
            fact('protocol', c.protocol),
            fact('ctState', c.state),
            c.status.length > 0 ? fact('ctStatus', ...c.status) : undefined,
            fact('mark', c.mark),
            fact('zone', c.zone),
          ),
          { kind: 'age', hostId: s.hostId, topic: 'conntrack', id: c.id },
        ],
        { commands: byHand(s, 'conntrack', c.id) },
      ),
    ],
  }
}

/** The connections that a namespace keeps in mind: how many, and each on a line. */
export function conntrackSection(s: Scope, netns: string, commands: readonly string[]): Section | undefined {
  const list = inNetns(s, 'conntrack', netns)
  const gap = missing(s, 'conntrack')
  if (list.length === 0 && !gap && netns !== s.snapshot.host.rootNetns) return undefined
  const rewritten = list.filter((c) => rewriteSay(c)).length
  const rows = list.map((c) => conntrackRow(s, c))
  return section(
    'conntrack',
    [
      gap,
      list.length > 0 ? { kind: 'say', say: say('ctSummary', { count: list.length, rewritten }) } : undefined,
      { kind: 'rows', rows, empty: say('noConntrack') },
    ],
    { count: list.length, commands },
  )
}

function conntrackRow(s: Scope, c: Conntrack): Row {
  const rewrite = rewriteSay(c)
  const tags: Tag[] = [{ text: c.protocol }, ...(c.state === undefined ? [] : [{ text: c.state }])]
  return {
    id: c.id,
    title: `${end(c.orig.src, c.orig.sport)} → ${end(c.orig.dst, c.orig.dport)}`,
    to: refTo(s, 'conntrack', c),
    text: rewrite ? [rewrite] : [],
    tags,
  }
}

/** What NAT did: the reply does not come from where the first packet went. */
function rewriteSay(c: Conntrack) {
  const dnat = c.reply.src !== c.orig.dst || c.reply.sport !== c.orig.dport
  const snat = c.reply.dst !== c.orig.src || c.reply.dport !== c.orig.sport
  const args = { to: end(c.reply.src, c.reply.sport), as: end(c.reply.dst, c.reply.dport) }
  if (dnat && snat) return say('ctBoth', args)
  if (dnat) return say('ctDnat', args)
  return snat ? say('ctSnat', args) : undefined
}

function whose(s: Scope, term: 'ctFrom' | 'ctTo', ip: string): Fact | undefined {
  const link = ownerOfIp(s, ip)
  return link && fact(term, linkValue(s, link), { text: placeName(s, link.netns) })
}

const end = (ip: string, port: number | undefined): string =>
  port === undefined ? ip : `${ip.includes(':') ? `[${ip}]` : ip}:${port}`
