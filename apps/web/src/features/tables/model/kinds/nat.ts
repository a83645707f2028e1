import { type Container, type FwRule, type PortBinding, recordsOf } from '@hopscope/model'
import { containerPart, endpoint, linkWithPlace, netnsPart } from '../naming.ts'
import type { Scope } from '../scope.ts'
import { defineTable } from '../table.ts'
import { mark, type Part, type Value, word } from '../value.ts'
import { chainPart, matchText, ruleCounters } from './firewall.ts'

/** A rule that rewrites addresses, or a port that Docker publishes. */
type Translation =
  | { kind: 'rule'; id: string; rule: FwRule; what: 'DNAT' | 'SNAT' | 'MASQUERADE' | 'REDIRECT' }
  | { kind: 'port'; id: string; container: Container; binding: PortBinding }

/** Where addresses are rewritten. Same as `iptables -t nat -S` and `docker port NAME`. */
export const nat = defineTable<Translation>({
  id: 'nat',
  theme: 'firewall',
  icon: 'entrance',
  topic: 'rules',
  sources: ['nftables', 'iptablesLegacy', 'docker'],
  order: ['engine', 'translation', 'before'],
  records: (s) => [...ports(s), ...rules(s)],
  ref: (t) => (t.kind === 'rule' ? { kind: 'fwRule', id: t.rule.id } : { kind: 'container', id: t.container.id }),
  key: (t) => t.id,
  columns: [
    { id: 'translation', kind: 'marks', width: 150, value: what },
    {
      id: 'before',
      kind: 'code',
      width: 380,
      grow: true,
      value: (t) => (t.kind === 'port' ? door(t.binding) : ruleMatch(t.rule)),
    },
    { id: 'after', kind: 'code', width: 200, value: after },
    { id: 'leadsTo', kind: 'code', width: 170, value: leadsTo },
    { id: 'proxyPid', kind: 'number', width: 150, value: (t) => (t.kind === 'port' ? t.binding.proxyPid : undefined) },
    ...ruleCounters<Translation>(),
    { id: 'chain', kind: 'code', width: 150, value: (t, s) => (t.kind === 'rule' ? chainPart(t.rule, s) : undefined) },
    { id: 'engine', kind: 'words', width: 80, value: (t) => (t.kind === 'rule' ? t.rule.engine : 'Docker') },
    {
      id: 'namespace',
      kind: 'words',
      width: 150,
      value: (t, s) => netnsPart(s, t.kind === 'rule' ? t.rule.netns : s.snapshot.host.rootNetns),
    },
  ],
})

function what(t: Translation): Part {
  if (t.kind === 'port') return mark('publishedPort', 'entrance')
  switch (t.what) {
    case 'DNAT':
      return { text: 'DNAT', tone: 'entrance' }
    case 'REDIRECT':
      return { text: 'REDIRECT', tone: 'entrance' }
    case 'SNAT':
      return { text: 'SNAT', tone: 'segment' }
    case 'MASQUERADE':
      return { text: 'MASQUERADE', tone: 'segment' }
  }
}

const ruleMatch = (r: FwRule): Value => matchText(r) || word('everyPacket')

/** `0.0.0.0:8080/tcp`, as `docker port` writes it. */
const door = (b: PortBinding): string => `${endpoint(b.hostIp || '0.0.0.0', b.hostPort)}/${b.protocol}`

function after(t: Translation): Value {
  if (t.kind === 'port') {
    const ip = t.container.attachments.find((a) => a.ip)?.ip
    return `${ip === undefined ? t.binding.containerPort : endpoint(ip, t.binding.containerPort)}/${t.binding.protocol}`
  }
  if (t.what === 'MASQUERADE') return word('addressOfOutLink')
  return newAddress(t.rule)
}

/** The address that a rule puts in: `172.17.0.2:80`. */
export function newAddress(r: FwRule): string | undefined {
  const found =
    /--to-(?:destination|source|ports) (\S+)/.exec(r.text) ?? /\b(?:dnat|snat|redirect)(?: ip6?)? to (\S+)/.exec(r.text)
  return found?.[1]
}

function leadsTo(t: Translation, s: Scope): Value {
  if (t.kind === 'port') return containerPart(s, t.container)
  const ip =
    t.what === 'DNAT'
      ? newAddress(t.rule)
          ?.replace(/^\[(.*)\](:\d+(-\d+)?)?$/, '$1')
          .replace(/^([\d.]+):[\d-]+$/, '$1')
      : undefined
  const link = ip === undefined ? undefined : s.linkByIp(ip)
  if (!link) return undefined
  const [container] = s.containersIn(link.netns)
  return container && link.netns !== s.snapshot.host.rootNetns ? containerPart(s, container) : linkWithPlace(s, link)
}

function ports(s: Scope): Translation[] {
  return recordsOf(s.snapshot, 'container').flatMap((container) =>
    container.ports.map(
      (binding): Translation => ({
        kind: 'port',
        id: `${container.id} ${door(binding)} ${binding.containerPort}`,
        container,
        binding,
      }),
    ),
  )
}

function rules(s: Scope): Translation[] {
  return recordsOf(s.snapshot, 'fwRule').flatMap((rule) => {
    const found = translationOf(rule)
    return found ? [{ kind: 'rule', id: rule.id, rule, what: found }] : []
  })
}

/** In the nftables dialect the target may be inside of the text. */
function translationOf(r: FwRule) {
  const name = r.target?.toUpperCase()
  const targets = ['DNAT', 'SNAT', 'MASQUERADE', 'REDIRECT'] as const
  return (
    targets.find((t) => t === name) ??
    targets.find((t) => new RegExp(`\\b${t.toLowerCase()}\\b(?: (?:ip6? )?to|$)`).test(r.text))
  )
}
