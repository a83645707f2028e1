import type { Container, FwRule, PortBinding } from '@hopscope/model'
import { recordsOf } from '@hopscope/model'
import { ownPortsIn, publishText } from '@hopscope/topology'
import { fact, facts, say, section } from './build.ts'
import { byHand } from './commands.ts'
import { inNetns, natural, refTo, type Scope } from './context.ts'
import type { Block, Row, Section, Value } from './page.ts'

/** The published ports of a container: what was asked for, and for each in force the rule, proxy and sockets that make it work. */
export function portsSection(s: Scope, c: Container): Section | undefined {
  const ours = ownPortsIn(s.snapshot).filter(({ port }) => port.container === c.name)
  const any = c.ports.length + c.requestedPorts.length + c.exposed.length + ours.length
  if (any === 0 && !c.publishAll) return undefined
  return section(
    'published',
    [
      facts(
        c.exposed.length > 0 ? fact('exposed', ...c.exposed) : undefined,
        fact('requested', ...(c.requestedPorts.length > 0 ? c.requestedPorts.map(requestedText) : [say('none')])),
        c.publishAll ? fact('publishAll', say('on')) : undefined,
        ours.length > 0 ? fact('byOurRules', ...ours.map((one) => ruleOf(s, one))) : undefined,
        c.ports.length + ours.length === 0
          ? fact('inForce', say(c.state === 'running' ? 'noPorts' : 'notInForce'))
          : undefined,
      ),
      ...bindings(c).map((b) => entranceBlock(s, c, b)),
    ],
    { count: bindings(c).length + ours.length, commands: byHand(s, 'container', c.id, 'ports') },
  )
}

/** All doors of a host, one line each. */
export function publishedSection(s: Scope): Section | undefined {
  const all = recordsOf(s.snapshot, 'container').flatMap((c) => bindings(c).map((b) => ({ c, b })))
  const ours = ownPortsIn(s.snapshot)
  if (all.length + ours.length === 0) return undefined
  const rows = all
    .sort((x, y) => x.b.hostPort - y.b.hostPort)
    .map(
      ({ c, b }): Row => ({
        id: `${c.id} ${doorText(b)}`,
        title: doorText(b),
        to: refTo(s, 'container', c),
        icon: 'entrance',
        text: [say('leadsToPort', { name: c.name, port: `${b.containerPort}/${b.protocol}` })],
      }),
    )
  for (const { port, rule } of ours)
    rows.push({
      ...{ id: rule.id, title: publishText(port), to: refTo(s, 'fwRule', rule), icon: 'entrance' },
      text: [say('leadsByRules', { name: port.container })],
    })
  return section('doors', [{ kind: 'rows', rows, empty: say('noPorts') }], { count: rows.length })
}

const ruleOf = (s: Scope, { port, rule }: ReturnType<typeof ownPortsIn>[number]): Value => ({
  ...{ to: refTo(s, 'fwRule', rule), text: publishText(port), icon: 'entrance', mono: true },
})

/** The DNAT rules that lead a published port into its container. */
export function dnatRules(s: Scope, c: Container, b: PortBinding): FwRule[] {
  const ips = c.attachments.flatMap((a) => (a.ip === undefined ? [] : [a.ip]))
  return inNetns(s, 'fwRule', s.snapshot.host.rootNetns).filter(
    (r) =>
      /dnat/i.test(r.text) &&
      new RegExp(`dport ${b.hostPort}\\b`).test(r.text) &&
      ips.some((ip) => new RegExp(`\\b${ip.replaceAll('.', '\\.')}:${b.containerPort}\\b`).test(r.text)),
  )
}

function entranceBlock(s: Scope, c: Container, b: Binding): Block {
  const rules = dnatRules(s, c, b)
  const sockets = inNetns(s, 'socket', s.snapshot.host.rootNetns).filter(
    (x) => x.port === b.hostPort && x.protocol === b.protocol,
  )
  const ip = c.attachments.find((a) => a.ip !== undefined)?.ip
  const inside = ip ?? c.name
  const list = [
    fact('hostSide', doorText(b)),
    fact('containerSide', `${inside}:${b.containerPort}/${b.protocol}`),
    fact(
      'dnat',
      ...(rules.length > 0
        ? rules.map((r): Value => ({ to: refTo(s, 'fwRule', r), text: r.text, icon: 'stack', mono: true }))
        : [{ unknown: 'noDnat' } as const]),
    ),
    fact('proxy', ...(b.proxyPids.length > 0 ? b.proxyPids.map((p) => `${p}`) : [say('noProxy')])),
    fact(
      'sockets',
      ...(sockets.length > 0
        ? sockets.map(
            (x): Value => ({
              to: refTo(s, 'socket', x),
              text: `${bracket(x.address)}:${x.port} ${x.process?.comm ?? ''}`.trim(),
              icon: 'entrance',
              mono: true,
            }),
          )
        : [say('noSockets')]),
    ),
  ].filter((f) => f !== undefined)
  return { kind: 'group', title: `${doorText(b)} → ${inside}:${b.containerPort}`, icon: 'entrance', facts: list }
}

type Binding = PortBinding & { hostIps: string[]; proxyPids: number[] }

/** The bindings in force; the IPv4 and IPv6 halves of one door are one. */
function bindings(c: Container): Binding[] {
  const found = new Map<string, Binding>()
  for (const p of c.ports) {
    const any = p.hostIp === '' || p.hostIp === '0.0.0.0' || p.hostIp === '::'
    const key = `${any ? '' : p.hostIp} ${p.hostPort} ${p.protocol} ${p.containerPort}`
    const known = found.get(key) ?? { ...p, hostIp: any ? '0.0.0.0' : p.hostIp, hostIps: [], proxyPids: [] }
    known.hostIps.push(p.hostIp)
    if (p.proxyPid !== undefined) known.proxyPids.push(p.proxyPid)
    found.set(key, known)
  }
  return [...found.values()].sort((a, b) => natural(`${a.hostPort}`, `${b.hostPort}`))
}

const bracket = (ip: string): string => (ip.includes(':') ? `[${ip}]` : ip)
const doorText = (b: PortBinding): string => `${bracket(b.hostIp)}:${b.hostPort}/${b.protocol}`

/** As it is written after -p. */
function requestedText(p: Container['requestedPorts'][number]): string {
  const host = [p.hostIp && bracket(p.hostIp), `${p.hostPort || ''}`]
    .filter((x) => x !== undefined && x !== '')
    .join(':')
  const udp = p.protocol === 'tcp' ? '' : `/${p.protocol}`
  return `${host ? `${host}${p.hostPort ? ':' : '::'}` : ''}${p.containerPort}${udp}`
}
