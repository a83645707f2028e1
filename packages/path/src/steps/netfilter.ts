import type { HookName, Link } from '@hopscope/model'
import type { BaseChain } from '../host/firewall.ts'
import type { NetnsIndex } from '../host/hostIndex.ts'
import { isIcmp, unreachable } from '../icmp.ts'
import { familyOf, type Ip, isInet6 } from '../ip.ts'
import type { Packet } from '../packet.ts'
import { type Evaluated, evaluate, type Run, targetText } from '../rules/evaluate.ts'
import { isArp, type Scene } from '../rules/facts.ts'
import { metIn } from '../rules/met.ts'
import { type Answer, dropped, type End, note, notSeen, predicted, refused, unsure, type Walk } from '../walk.ts'
import { track } from './conntrack.ts'
import { decide, sideAt, translate } from './nat.ts'

export type HookPlace = {
  space: NetnsIndex
  hook: HookName
  iif?: Link
  oif?: Link
  physIn?: Link
  physOut?: Link
  bridged?: boolean
  /** Where it goes next, for MASQUERADE. */
  nextHop?: Ip
}
export type Passed = { packet: Packet } | { end: End }

/** Priorities at which the kernel itself works in a hook. */
const CONNTRACK = -200
const NAT = { dst: -100, src: 100 } as const

/** Sends a packet through all base chains of a hook, by priority; conntrack and NAT have their fixed places among them. */
export function passHook(walk: Walk, packet: Packet, place: HookPlace): Passed {
  const { space, hook } = place
  const firewall = space.firewall()
  const unread = unreadFirewall(walk, space)
  if (unread) return { end: unread }
  let now = packet
  const family = familyOf(packet.dst)
  const does = { tracks: firewall.tracks(family), translates: firewall.translates(family) }
  const steps = stepsOf(firewall.hooks(family, hook), { hook, ...does })
  for (const [i, step] of steps.entries()) {
    if (step === 'conntrack') now = track(walk, space.id, now)
    else {
      const group = step === 'nat' ? [] : equals(steps, i)
      if (group.length > 1 && orderMatters(group, now, place)) return { end: unsureOrder(step, space) }
      const passed = step === 'nat' ? passNat(walk, now, place) : passChain(walk, now, step, place)
      if ('end' in passed) return passed
      now = passed.packet
    }
  }
  return { packet: now }
}

type Step = BaseChain | 'conntrack' | 'nat'

function stepsOf(
  chains: readonly BaseChain[],
  { hook, tracks, translates }: { hook: HookName; tracks: boolean; translates: boolean },
): readonly Step[] {
  const own: { at: number; step: Step }[] = []
  if (tracks && (hook === 'prerouting' || hook === 'output')) own.push({ at: CONNTRACK, step: 'conntrack' })
  if (translates && hook !== 'forward') own.push({ at: NAT[sideAt(hook)], step: 'nat' })
  if (own.length === 0) return chains
  const all = [...chains.map((step) => ({ at: step.priority, step: step as Step })), ...own] // a chain is a step
  return all.sort((a, b) => a.at - b.at).map(({ step }) => step)
}

/** The chains of one priority that begin at this step: they run in an order that nobody tells. */
function equals(steps: readonly Step[], start: number): BaseChain[] {
  const priority = priorityOf(steps[start])
  if (priority === undefined || priorityOf(steps[start - 1]) === priority) return []
  const group: BaseChain[] = []
  for (const step of steps.slice(start)) {
    if (step === 'conntrack' || step === 'nat' || step.priority !== priority) break
    group.push(step)
  }
  return group
}

const priorityOf = (step: Step | undefined): number | undefined =>
  step === undefined || step === 'conntrack' || step === 'nat' ? undefined : step.priority

/** Whether the packet fares otherwise when any two neighbours change places, or all of them do. */
function orderMatters(group: readonly BaseChain[], packet: Packet, place: HookPlace): boolean {
  const usual = fareIn(group, packet, place)
  const orders = group.slice(1).map((_, i) => swapped(group, i))
  return [...orders, group.toReversed()].some((order) => fareIn(order, packet, place) !== usual)
}

function swapped(group: readonly BaseChain[], i: number): BaseChain[] {
  const order = [...group]
  const [one, other] = group.slice(i, i + 2)
  if (one && other) order.splice(i, 2, other, one)
  return order
}

/** What becomes of a packet in some chains, one after the other. */
function fareIn(order: readonly BaseChain[], packet: Packet, place: HookPlace): string {
  let now = packet
  let ctMark: number | undefined
  for (const base of order) {
    const result = evaluate(base, { ...sceneOf(now, place), ...(ctMark !== undefined && { ctMark }) })
    // A doubt is told of when the chain itself is passed.
    if ('doubt' in result) continue
    if (result.run.verdict !== 'accept') return result.run.verdict
    // The first that translates decides.
    if (result.run.translation) return targetText(result.run.translation)
    now = result.run.packet
    ctMark = result.run.ctMark ?? ctMark
  }
  return `${now.mark} ${now.ct?.state} ${ctMark}`
}

const unsureOrder = (step: Step, { id }: NetnsIndex): End =>
  typeof step === 'string'
    ? unsure(id, step)
    : unsure(id, `the order of two chains of priority ${step.priority}`, step.chain.record.id)

/** Rules that cannot be read, and may stop anything. */
export function unreadFirewall(walk: Walk, space: NetnsIndex): End | undefined {
  for (const name of ['nftables', 'iptablesLegacy'] as const) {
    const source = walk.host.source(name)
    if (
      source?.state === 'unavailable' &&
      source.reason !== 'NOT_IN_KERNEL' &&
      !(name === 'iptablesLegacy' && source.reason === 'NOT_INSTALLED')
    )
      return notSeen(space.id, name, source.id)
  }
  return undefined
}

function passChain(walk: Walk, packet: Packet, base: BaseChain, place: HookPlace): Passed {
  const scene = sceneOf(packet, place)
  const result = evaluate(base, scene)
  const doubt = doubtOf(result, place)
  if (doubt || !('run' in result)) return { end: doubt ?? unsure(place.space.id, base.chain.record.chain) }
  return conclude(walk, base, result.run, scene)
}

const doubtOf = (result: Evaluated, { space }: HookPlace): End | undefined =>
  'doubt' in result ? unsure(space.id, result.doubt.what, result.doubt.ruleId) : undefined

/** The scene of a packet at a hook, as rules see it. */
export function sceneOf(packet: Packet, { space, hook, iif, oif, physIn, physOut, bridged }: HookPlace): Scene {
  const port = physIn ?? packet.physIn
  return {
    space,
    hook,
    packet,
    ...(iif && { iif }),
    ...(oif && { oif }),
    ...(port && { physIn: port }),
    ...(physOut && { physOut }),
    ...(bridged && { bridged }),
  }
}

/** Notes what a chain did, and says how it goes on. */
function conclude(walk: Walk, base: BaseChain, run: Run, scene: Scene): Passed {
  const { record } = base.chain
  const { space, hook } = scene
  note(walk, {
    ...predicted(space.id),
    kind: 'chain',
    hook,
    engine: record.engine,
    family: record.family,
    table: record.table,
    chain: record.chain,
    priority: base.priority,
    hits: run.hits,
    met: metIn(scene),
    verdict: run.verdict,
    policy: run.policy,
  })
  if (run.ctMark !== undefined && run.packet.ct?.entry) run.packet.ct.entry.mark = run.ctMark
  const place = { netns: space.id }
  switch (run.verdict) {
    case 'accept':
      return { packet: run.packet }
    case 'queue':
      return { end: unsure(space.id, run.by?.record.text ?? record.chain, run.by?.record.id) }
    case 'drop': {
      if (run.policy)
        return {
          end: dropped({ reason: 'POLICY_DROP', ...place, blame: record.id, what: `${record.table} ${record.chain}` }),
        }
      return { end: dropped({ reason: 'RULE_DROP', ...place, ...blameOf(run) }) }
    }
    case 'reject':
      // Nothing is said to whom asks by ARP.
      if (isArp(run.packet)) return { end: dropped({ reason: 'RULE_REJECT', ...place, ...blameOf(run) }) }
      return { end: refused({ reason: 'RULE_REJECT', ...place, ...blameOf(run) }, rejection(space.id, run)) }
  }
}

const blameOf = ({ by }: Run): { blame?: string; what: string } =>
  by ? { blame: by.record.id, what: by.record.text } : { what: '' }

function rejection(netns: string, { packet, reject }: Run): Answer {
  if (reject?.with === 'tcp-reset') return { netns, kind: 'reset', about: packet }
  const { code = 3, code6 = code } = reject ?? {}
  return { netns, kind: 'error', about: packet, icmp: unreachable(isInet6(packet.dst) ? code6 : code, packet.dst) }
}

/** The tables that translate: asked once for each side of a connection, then the entry decides. */
function passNat(walk: Walk, packet: Packet, place: HookPlace): Passed {
  const { ct } = packet
  const entry = ct?.entry
  if (!ct || !entry) return { packet }
  const side = sideAt(place.hook)
  const done = side === 'dst' ? entry.dstDone : entry.srcDone
  // A reset that tells of a refusal may be the first to get this far of its connection; ICMP errors are never asked about.
  const about = ct.state === 'RELATED' && !isIcmp(packet)
  if (done || (!about && (ct.direction === 'reply' || ct.state !== 'NEW')))
    return { packet: translate(walk, packet, place) }
  let now = packet
  const chains = place.space.firewall().nat(familyOf(packet.dst), place.hook)
  for (const [i, base] of chains.entries()) {
    const group = equals(chains, i)
    if (group.length > 1 && orderMatters(group, now, place)) return { end: unsureOrder(base, place.space) }
    const scene = sceneOf(now, place)
    const result = evaluate(base, scene)
    const doubt = doubtOf(result, place)
    if (doubt || !('run' in result)) return { end: doubt ?? unsure(place.space.id, base.chain.record.chain) }
    const passed = conclude(walk, base, result.run, scene)
    if ('end' in passed) return passed
    now = passed.packet
    const { translation } = result.run
    if (!translation) continue
    // It is asked about for its connection, which ends with it: what goes back is translated as before.
    if (about) break
    const unknown = decide(entry, translation, now, place)
    if (unknown !== undefined) return { end: unsure(place.space.id, unknown, translation.ruleId) }
    mark(entry, side)
    return { packet: translate(walk, now, place, translation) }
  }
  mark(entry, side)
  return { packet: about ? translate(walk, now, place) : now }
}

function mark(entry: { dstDone: boolean; srcDone: boolean }, side: 'dst' | 'src'): void {
  if (side === 'dst') entry.dstDone = true
  else entry.srcDone = true
}

/** Chains of nftables' netdev family at one device. */
export function passDevice(
  walk: Walk,
  packet: Packet,
  place: HookPlace & { hook: 'ingress' | 'egress'; link: Link },
): Passed {
  let now = packet
  for (const base of place.space.firewall().device(place.hook, place.link.name)) {
    const passed = passChain(walk, now, base, place)
    if ('end' in passed) return passed
    now = passed.packet
  }
  return { packet: now }
}

/** Chains of nftables' bridge family, those before or those after the place where bridged packets pass iptables. */
export function passBridgeChains(walk: Walk, packet: Packet, place: HookPlace, early: boolean): Passed {
  let now = packet
  for (const base of place.space.firewall().bridge(place.hook)) {
    if (base.priority < 0 !== early) continue
    const passed = passChain(walk, now, base, place)
    if ('end' in passed) return passed
    now = passed.packet
  }
  return { packet: now }
}

type ArpPlace = HookPlace & { hook: 'input' | 'output' }

/** Chains of nftables' arp family, which meet what a namespace's own kernel sends and takes of ARP. */
export function passArpChains(walk: Walk, packet: Packet, place: ArpPlace): Passed {
  const unread = unreadFirewall(walk, place.space)
  if (unread) return { end: unread }
  let now = packet
  for (const base of place.space.firewall().arp(place.hook)) {
    const passed = passChain(walk, now, base, place)
    if ('end' in passed) return passed
    now = passed.packet
  }
  return { packet: now }
}

/** What a program asks past the kernel meets no rules for ARP: where they would stop the kernel's own question, both cannot be told in one. */
export function doubtOfArp(walk: Walk, packet: Packet, place: ArpPlace): End | undefined {
  const unread = unreadFirewall(walk, place.space)
  if (unread) return unread
  for (const base of place.space.firewall().arp(place.hook)) {
    const result = evaluate(base, sceneOf(packet, place))
    if ('run' in result && result.run.verdict === 'accept') continue
    const { table, chain, id } = base.chain.record
    return unsure(place.space.id, `rules for ARP in ${table} ${chain}, for what the kernel asks by itself`, id)
  }
  return undefined
}
