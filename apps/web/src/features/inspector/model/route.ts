import type { PolicyRule, Route } from '@hopscope/model'
import { crumbs, fact, facts, missing, say, section } from './build.ts'
import { byHand } from './commands.ts'
import { linkAt, linkValueAt, refTo, type Scope } from './context.ts'
import type { PageDraft, Row, Say, Section } from './page.ts'

const LOCAL = 255
const TABLES: Readonly<Record<number, string>> = { 253: 'default', 254: 'main', 255: 'local' }
export const tableName = (table: number): string => TABLES[table] ?? `${table}`

/** A route, first as a sentence, then fact by fact. */
export function routePage(s: Scope, r: Route): PageDraft {
  const hops = r.nextHops ?? []
  return {
    ref: refTo(s, 'route', r),
    icon: 'stack',
    title: r.dst,
    crumbs: crumbs(s, r.netns),
    copyId: r.dst,
    sections: [
      section(
        'overview',
        [
          { kind: 'say', say: routeSay(s, r) },
          facts(
            fact('dst', r.dst),
            fact('gateway', r.gateway ?? (hops.length > 0 ? undefined : say('directly'))),
            r.oif === undefined ? undefined : fact('oif', linkValueAt(s, r.netns, r.oif)),
            ...hops.map((h) =>
              fact(
                'nextHop',
                h.gateway ?? say('directly'),
                h.oif === undefined ? undefined : linkValueAt(s, r.netns, h.oif),
                say('weight', { weight: h.weight }),
              ),
            ),
            fact('prefSrc', r.prefSrc),
            fact('table', tableName(r.table)),
            fact('routeType', r.type),
            fact('protocol', r.protocol),
            fact('scope', r.scope),
            fact('metric', r.metric),
            fact('src', r.src),
            fact('tos', r.tos),
            r.flags.length > 0 ? fact('routeFlags', ...r.flags) : undefined,
          ),
        ],
        { commands: byHand(s, 'route', r.id) },
      ),
    ],
  }
}

/** Which table is asked for which packets. */
export function policyRulePage(s: Scope, r: PolicyRule): PageDraft {
  return {
    ref: refTo(s, 'policyRule', r),
    icon: 'stack',
    title: `${r.priority}`,
    crumbs: crumbs(s, r.netns),
    copyId: `${r.priority}`,
    sections: [
      section(
        'overview',
        [
          facts(
            fact('rulePriority', r.priority),
            fact(
              'action',
              r.action === 'lookup' && r.table !== undefined ? say('lookup', { table: tableName(r.table) }) : r.action,
            ),
            fact('selector', ...selectors(r)),
            fact('family', say(r.family === 'inet' ? 'ipv4' : 'ipv6')),
            r.suppressPrefixLength === undefined ? undefined : fact('suppress', r.suppressPrefixLength),
          ),
        ],
        { commands: byHand(s, 'policyRule', r.id) },
      ),
    ],
  }
}

/** What "ip route" shows: the kernel's own table of addresses is left out. */
export function routesSection(s: Scope, list: readonly Route[], commands: readonly string[]): Section | undefined {
  const gap = missing(s, 'routes')
  const shown = list.filter((r) => r.table !== LOCAL).sort(inOrder)
  if (shown.length === 0 && !gap) return undefined
  return section('routes', [gap, { kind: 'rows', rows: shown.map((r) => routeRow(s, r)), empty: say('noRoutes') }], {
    count: shown.length,
    commands,
  })
}

export function policySection(s: Scope, list: readonly PolicyRule[], commands: readonly string[]): Section | undefined {
  if (list.length === 0) return undefined
  const rows = [...list]
    .sort((a, b) => (a.family === b.family ? a.priority - b.priority : a.family < b.family ? -1 : 1))
    .map((r): Row => {
      const to =
        r.action === 'lookup' && r.table !== undefined ? [say('lookup', { table: tableName(r.table) })] : [r.action]
      const tags = [say(r.family === 'inet' ? 'ipv4' : 'ipv6')]
      const title = `${r.priority}: ${selectors(r)
        .map((v) => ('text' in v ? v.text : 'from all'))
        .join(' ')}`
      return { id: r.id, title, to: refTo(s, 'policyRule', r), text: to, tags }
    })
  return section('policy', [{ kind: 'rows', rows, empty: say('noPolicy') }], {
    count: rows.length,
    folded: true,
    commands,
  })
}

/** "directly connected through eth0" or "by way of gateway 10.0.0.1, through eth0", or what else happens. */
export function routeSay(s: Scope, r: Route): Say {
  const link = linkAt(s, r.netns, r.oif)?.name ?? '?'
  if (r.type !== 'unicast') return say(REFUSED[r.type] ?? 'routeOther', { type: r.type })
  if (r.nextHops && r.nextHops.length > 0) return say('routeMulti', { count: r.nextHops.length })
  if (r.gateway === undefined) return say('routeDirect', { link })
  return say(r.dst === 'default' ? 'routeDefault' : 'routeVia', { gateway: r.gateway, link })
}

const REFUSED: Readonly<Record<string, Say['say']>> = {
  local: 'routeLocal',
  broadcast: 'routeBroadcast',
  blackhole: 'routeBlackhole',
  unreachable: 'routeUnreachable',
  prohibit: 'routeProhibit',
}

function routeRow(s: Scope, r: Route): Row {
  return {
    id: r.id,
    title: r.dst,
    to: refTo(s, 'route', r),
    text: [routeSay(s, r)],
    tags: [
      ...(r.prefSrc === undefined ? [] : [{ text: `src ${r.prefSrc}` }]),
      ...(r.table === 254 ? [] : [say('tableTag', { table: tableName(r.table) })]),
      ...(r.metric === undefined ? [] : [say('metricTag', { metric: r.metric })]),
    ],
  }
}

/** The default first, then IPv4 before IPv6, main before other tables. */
const inOrder = (a: Route, b: Route): number =>
  rank(a) - rank(b) || (a.metric ?? 0) - (b.metric ?? 0) || (a.dst < b.dst ? -1 : 1)
const rank = (r: Route): number =>
  (r.table === 254 ? 0 : 4) + (r.family === 'inet' ? 0 : 2) + (r.dst === 'default' ? 0 : 1)

function selectors(r: PolicyRule) {
  const parts = [
    r.not ? 'not' : '',
    r.src && `from ${r.src}`,
    r.dst && `to ${r.dst}`,
    r.iif && `iif ${r.iif}`,
    r.oif && `oif ${r.oif}`,
    r.fwmark === undefined ? '' : `fwmark 0x${r.fwmark.toString(16)}`,
    r.ipProto && `ipproto ${r.ipProto}`,
    r.sport && `sport ${r.sport}`,
    r.dport && `dport ${r.dport}`,
    r.uidRange && `uidrange ${r.uidRange}`,
  ].filter((p) => p)
  return parts.length > 0 ? [{ text: parts.join(' ') }] : [say('everything')]
}
