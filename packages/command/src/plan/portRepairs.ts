import { type Container, type FwRule, type HostSnapshot, recordsOf, sourceId } from '@hopscope/model'
import { isOwnRule, ownPortText } from '@hopscope/topology'
import { type Program, type Publication, type Refusal, Refused } from '../plan.ts'
import { holderOf } from './containers.ts'
import { closeChain, nameOf, type OwnRule, openChain, programFor, tableOf } from './ownChains.ts'
import { hairpinPort, reachesOf, rulesOf } from './portRules.ts'
import { turnHairpin } from './publishByRules.ts'
import { isSameRule, wordsOf } from './ruleWords.ts'

/** What has to be done so that the host publishes by rules what is kept, and nothing of it that leads nowhere. */
export type Repairs = {
  acts: Program[]
  /** Their containers were removed: nothing of them is left after the acts. */
  gone: Publication[]
  /** Their containers have another name by now. */
  renamed: Publication[]
  /** Another container or program has their port, so that they wait. */
  taken: { port: Publication; by: string }[]
}

/**
 * Compares the rules that a host has with those that kept publications need; rules of other authors, and of publications that
 * are not kept, are left alone. Pure; empty while Docker is not there, for then nothing is known of its containers.
 */
export function repairPorts(snapshot: HostSnapshot, kept: readonly Publication[]): Repairs | { refused: Refusal } {
  const repairs: Repairs = { acts: [], gone: [], renamed: [], taken: [] }
  if (kept.length === 0 || !isDockerKnown(snapshot)) return repairs
  try {
    const { wanted, hairpins } = wantedOf(snapshot, kept, repairs)
    const actual = rulesFor(snapshot, [...kept, ...repairs.renamed])
    repairs.acts.push(...rulesInto(snapshot, wanted, actual), ...hairpins)
    return repairs
  } catch (error) {
    if (error instanceof Refused) return { refused: error.refusal }
    throw error
  }
}

/** A container that could not be read is not one that was removed. */
function isDockerKnown(snapshot: HostSnapshot): boolean {
  const source = snapshot.records.source[sourceId('docker')]
  return recordsOf(snapshot, 'dockerEngine').length > 0 && (source === undefined || source.state === 'ok')
}

/** Acts that take all rules of a publication away, wherever they lead by now. */
export function withdrawPort(snapshot: HostSnapshot, port: Publication): Program[] {
  const container = recordsOf(snapshot, 'container').find(({ containerId }) => containerId === port.containerId)
  const names = [port, { ...port, container: container?.name ?? port.container }]
  return rulesInto(snapshot, [], rulesFor(snapshot, names))
}

function rulesFor(snapshot: HostSnapshot, ports: readonly Publication[]): FwRule[] {
  const texts = new Set(ports.map(ownPortText))
  return recordsOf(snapshot, 'fwRule').filter(
    (rule) => rule.netns === snapshot.host.rootNetns && isOwnRule(rule) && texts.has(rule.comment ?? ''),
  )
}

/** The rules that should be there; sorts out what is gone, renamed or has to wait. */
function wantedOf(snapshot: HostSnapshot, kept: readonly Publication[], repairs: Repairs) {
  const wanted: OwnRule[] = []
  const hairpins: Program[] = []
  const claimed: Publication[] = []
  const containers = new Map<string, Container>(recordsOf(snapshot, 'container').map((one) => [one.containerId, one]))
  for (const port of kept) {
    const container = containers.get(port.containerId)
    if (container === undefined) {
      repairs.gone.push(port)
      continue
    }
    const now = { ...port, container: container.name }
    if (container.name !== port.container) repairs.renamed.push(now)
    const reaches = reachesOf(snapshot, container)
    if (reaches.length === 0) continue
    const by = claimed.find((other) => meet(other, port))?.container ?? otherHolder(snapshot, port, container)
    if (by !== undefined) {
      repairs.taken.push({ port, by })
      continue
    }
    claimed.push(port)
    wanted.push(...rulesOf(snapshot, now, reaches))
    const link = hairpinPort(snapshot, container, reaches)
    if (link?.port && !link.port.hairpin) hairpins.push(turnHairpin(link, 'on'))
  }
  return { wanted, hairpins }
}

/** Who took the port while it was not published; once it is, our rules come before everybody. */
function otherHolder(snapshot: HostSnapshot, port: Publication, { name }: Container): string | undefined {
  const text = ownPortText(port)
  if (recordsOf(snapshot, 'fwRule').some((rule) => isOwnRule(rule) && rule.comment === text)) return undefined
  const { hostIp, protocol, from, count } = port
  for (let one = from; one < from + count; one++) {
    const by = holderOf(snapshot, { hostIp: hostIp || undefined, port: one, protocol })
    if (by !== undefined && by !== name) return by
  }
  return undefined
}

function meet(a: Publication, b: Publication): boolean {
  const any = (ip: string) => ['', '0.0.0.0', '::'].includes(ip)
  const sameIp = any(a.hostIp) || any(b.hostIp) || a.hostIp === b.hostIp
  return sameIp && a.protocol === b.protocol && a.from < b.from + b.count && b.from < a.from + a.count
}

/** Acts that make the actual rules the wanted ones. Each may be done again without harm: what is known may be late. */
function rulesInto(snapshot: HostSnapshot, wanted: readonly OwnRule[], actual: readonly FwRule[]): Program[] {
  const tables = new Map(wanted.map((rule) => [keyOf(rule), { rule, table: tableOf(snapshot, rule) }]))
  const left = [...actual]
  const missing = wanted.filter((rule) => {
    const { engine } = tables.get(keyOf(rule))?.table ?? {}
    const at = left.findIndex(
      (one) => one.engine === engine && isIn(one, rule) && isSameRule(wordsOf(one.text), rule.words),
    )
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
  const closed = left.filter((rule) => !wanted.some((one) => isIn(rule, one)))
  return [
    ...left.map(
      (rule): Program => ({
        ...programFor(snapshot, rule, ['-D', rule.chain, ...wordsOf(rule.text)]),
        mayBeGone: true,
      }),
    ),
    ...[...tables.values()].flatMap(({ rule, table }) =>
      openChain(rule, table).flatMap(({ act }) => ('argv' in act ? [act] : [])),
    ),
    ...missing.flatMap((rule): Program[] => {
      const { program } = tables.get(keyOf(rule))?.table ?? tableOf(snapshot, rule)
      const chain = nameOf(rule)
      return [{ ...program('-D', chain, ...rule.words), mayBeGone: true }, program('-A', chain, ...rule.words)]
    }),
    ...closed
      .filter((rule, i) => closed.findIndex((one) => isSameChain(one, rule)) === i)
      .flatMap((rule) => closeOf(snapshot, rule)),
  ]
}

/** Takes the chain away that a rule stood in, if it was the last one. */
function closeOf(snapshot: HostSnapshot, rule: FwRule): Program[] {
  return closeChain(rule.chain, (...words) => programFor(snapshot, rule, words))
}

const isSameChain = (a: FwRule, b: FwRule): boolean =>
  a.engine === b.engine && a.family === b.family && a.table === b.table && a.chain === b.chain
const keyOf = ({ family, table, hook }: OwnRule): string => `${family} ${table} ${hook}`
const isIn = (rule: FwRule, own: OwnRule): boolean =>
  rule.family === own.family && rule.table === own.table && rule.chain === nameOf(own)
