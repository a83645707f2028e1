import type { FwChain } from '@hopscope/model'
import { type ChainSpec, parseIp, nftRule as rule, type TableSpec } from '@hopscope/netlink'
import {
  type Alternative,
  FIRST_PRIORITY,
  LAST_PRIORITY,
  LATE_PREROUTING,
  LATE_PRIORITY,
  type Literal,
  ourChain,
  type Test,
  TRACE_TABLE,
} from '@hopscope/trace'
import type { CaptureLimit } from './limit.ts'

/** TCP ports of our own connections, which are never traced: what is told of them would itself be told of. */
export type OwnPorts = readonly number[]
/** Of one namespace, with the base chains that others have there. */
type Rules = {
  alternatives: readonly Alternative[]
  limit: CaptureLimit
  own: OwnPorts
  others: readonly FwChain[]
  /** Also what the kernels of namespaces send and take of ARP. */
  arp?: boolean
}
type Layer = 'inet' | 'inet6' | 'arp'

const ARMED = 'armed'
const ETHERTYPE = { inet: 0x0800, inet6: 0x86dd, arp: 0x0806 } as const
const NFPROTO = { ip: 2, ip6: 10, bridge: 7, arp: 3 } as const
const TCP = 6
const ICMP = 1
const ICMP6 = 58
type TraceFamily = keyof typeof NFPROTO

/** The tables that trace the packets meant, one for each family. Their rules end by themselves when the seconds are over. */
export const traceTables = (rules: Rules): TableSpec[] => [
  table('ip', rules),
  table('ip6', rules),
  table('bridge', rules),
  ...(rules.arp ? [table('arp', rules)] : []),
]

function table(family: TraceFamily, { alternatives, limit, own, others }: Rules): TableSpec {
  const layers = LAYERS[family]
  const matches = layers.flatMap((layer) =>
    alternatives.flatMap((alternative) => {
      const expressions = expressionsOf(alternative, layer)
      if (expressions === undefined) return []
      return [family === 'bridge' ? [...isLayer(layer), ...expressions] : expressions]
    }),
  )
  const kept = family === 'bridge' || family === 'arp' ? [] : own.flatMap(ownPort)
  const start = (hook: 'prerouting' | 'input' | 'output', name: string, when: { priority: number; only: Buffer[] }) => [
    { name: ourChain('start', name), rules: [arm(family, limit)] },
    {
      name: ourChain('match', name),
      hook: { hook, priority: when.priority },
      rules: [
        ...kept,
        ...matches.map((match) => [...match, ...when.only, rule.verdict({ goto: ourChain('start', name) })]),
      ],
    },
  ]
  const first = { priority: FIRST_PRIORITY, only: [] }
  const translates = others.some((one) => one.type === 'nat' && (one.family === family || one.family === 'inet'))
  return {
    family,
    name: TRACE_TABLE,
    timedSets: [{ name: ARMED, element: Buffer.of(NFPROTO[family]), seconds: limit.seconds }],
    chains: [
      ...(family === 'arp' ? start('input', 'input', first) : start('prerouting', 'prerouting', first)),
      ...start('output', 'output', first),
      ...(translates && (family === 'ip' || family === 'ip6')
        ? start('prerouting', LATE_PREROUTING, { priority: LATE_PRIORITY, only: rule.isTranslated() })
        : []),
      ...looksOf(family, others).map(look),
    ],
  }
}

const LAYERS: Readonly<Record<TraceFamily, readonly Layer[]>> = {
  ip: ['inet'],
  ip6: ['inet6'],
  bridge: ['inet', 'inet6', 'arp'],
  arp: ['arp'],
}

type Look = { kind: 'enter' | 'seen'; hook: 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting' }

/**
 * Where a packet is looked at, beside where its tracing starts: where it leaves the namespace, where its route is chosen, and before and behind what
 * others have at a hook. Whatever passes pays for each, traced or not. Nothing happens to it between forward and postrouting, so that behind
 * forward only those ask who are told of with NFLOG.
 */
function looksOf(family: TraceFamily, others: readonly FwChain[]): Look[] {
  // It has no other hooks, and its tracing starts at both.
  if (family === 'arp') return (['input', 'output'] as const).map((hook) => ({ kind: 'seen', hook }))
  const at = (hook: Look['hook']) =>
    others.filter(
      (one) => one.hook === hook && (one.family === family || (one.family === 'inet' && family !== 'bridge')),
    )
  const meets = (hook: Look['hook']) => at(hook).length > 0
  const looks: (Look & { when: boolean })[] = [
    { kind: 'enter', hook: 'forward', when: family !== 'bridge' || meets('forward') },
    { kind: 'enter', hook: 'input', when: meets('input') },
    { kind: 'seen', hook: 'prerouting', when: meets('prerouting') },
    { kind: 'seen', hook: 'output', when: meets('output') },
    { kind: 'seen', hook: 'forward', when: at('forward').some(({ engine }) => engine === 'legacy') },
    { kind: 'seen', hook: 'input', when: true },
    { kind: 'seen', hook: 'postrouting', when: true },
  ]
  return looks.filter(({ when }) => when)
}

const look = ({ kind, hook }: Look): ChainSpec => ({
  name: ourChain(kind, hook),
  hook: { hook, priority: kind === 'enter' ? FIRST_PRIORITY : LAST_PRIORITY },
  // The kernel tells headers and links with a rule, not with the end of a chain, which this one leaves nothing to tell of. Not even a counter.
  rules: [[rule.verdict('accept')]],
})

/** The counter before the limits counts what was meant, the one behind them what is traced. */
const arm = (family: TraceFamily, { rate, packets }: CaptureLimit): Buffer[] => [
  rule.metaLoad('nfproto'),
  rule.compare('eq', Buffer.of(NFPROTO[family])),
  rule.lookup(ARMED),
  rule.counter(),
  rule.limitRate(rate),
  rule.limitTotal(packets),
  rule.counter(),
  ...rule.startTracing(),
]

const isLayer = (layer: Layer): Buffer[] => [rule.metaLoad('protocol'), rule.compare('eq', u16(ETHERTYPE[layer]))]

const ownPort = (port: number): Buffer[][] =>
  (['src', 'dst'] as const).map((side) => [
    rule.metaLoad('l4proto'),
    rule.compare('eq', Buffer.of(TCP)),
    rule.payloadLoad('transport', PORT[side], 2),
    rule.compare('eq', u16(port)),
    rule.verdict('return'),
  ])

/** The tests of an alternative for packets of one kind; undefined when none of these can pass them. */
function expressionsOf(alternative: Alternative, layer: Layer): Buffer[] | undefined {
  const all: Buffer[] = []
  // The protocol comes first: it says what the bytes behind mean.
  const ordered = [...alternative].sort(
    (a, b) => Number(b.test.kind === 'protocol') - Number(a.test.kind === 'protocol'),
  )
  for (const literal of ordered) {
    const known = isKnown(literal, layer)
    if (known === false) return undefined
    if (known === undefined) all.push(...testExpressions(literal, layer))
  }
  return all
}

/** Whether it holds for every packet of this kind, or for none; undefined when that depends on the packet. */
function isKnown({ test, not }: Literal, layer: Layer): boolean | undefined {
  switch (test.kind) {
    case 'family':
      return (test.family === layer) !== not
    case 'address':
      return test.address.includes(':') === (layer === 'inet6') ? undefined : not
    case 'protocol': {
      const foreign = layer === 'arp' || test.protocol === (layer === 'inet' ? ICMP6 : ICMP)
      return foreign ? not : undefined
    }
    case 'port':
    case 'icmpType':
      return layer === 'arp' ? not : undefined
  }
}

/** Offsets and length of addresses in the network header, and of ports behind it. */
const ADDRESS = {
  inet: { src: 12, dst: 16, length: 4 },
  inet6: { src: 8, dst: 24, length: 16 },
  arp: { src: 14, dst: 24, length: 4 },
} as const
const PORT = { src: 0, dst: 2 } as const

function testExpressions({ test, not }: Literal, layer: Layer): Buffer[] {
  const op = not ? 'neq' : 'eq'
  switch (test.kind) {
    case 'family':
      return []
    case 'protocol':
      return [rule.metaLoad('l4proto'), rule.compare(op, Buffer.of(test.protocol))]
    case 'icmpType':
      return [rule.payloadLoad('transport', 0, 1), rule.compare(op, Buffer.of(test.type))]
    case 'port':
      return [
        rule.payloadLoad('transport', PORT[test.side], 2),
        test.from === test.to
          ? rule.compare(op, u16(test.from))
          : rule.range(not ? 'outside' : 'inside', u16(test.from), u16(test.to)),
      ]
    case 'address':
      return addressExpressions(test, op, layer)
  }
}

function addressExpressions(
  { side, address, prefixLength }: Extract<Test, { kind: 'address' }>,
  op: 'eq' | 'neq',
  layer: Layer,
): Buffer[] {
  const { length, [side]: offset } = ADDRESS[layer]
  const mask = Buffer.from(
    Array.from({ length }, (_, i) => 0xff & ~(0xff >> Math.min(8, Math.max(0, prefixLength - 8 * i)))),
  )
  const network = Buffer.from(parseIp(address).map((byte, i) => byte & (mask[i] ?? 0)))
  const load = rule.payloadLoad('network', offset, length)
  if (prefixLength === 8 * length) return [load, rule.compare(op, network)]
  return [load, rule.mask(mask), rule.compare(op, network)]
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}
