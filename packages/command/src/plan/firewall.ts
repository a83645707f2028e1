import { type Conntrack, type FwRule, type HostSnapshot, type Netns, networkOf, recordsOf } from '@hopscope/model'
import { type CommandOf, readNatTarget, readRun } from '@hopscope/protocol'
import { isOwnRule, readOwnPort } from '@hopscope/topology'
import { findLink, findNetns } from '../find.ts'
import { type Plan, Refused } from '../plan.ts'
import { type Planners, phrase, single } from './context.ts'
import { addRules, deleteRules, findRule, type Hook, nameOf, type OwnRule, tableOf } from './ownChains.ts'

type Add = CommandOf<'rule.add'>
type Action = Add['action']

/** Where each action may stand; NAT changes a source after routing, a destination before. */
const CHAINS: Readonly<Record<Action, readonly Hook[]>> = {
  accept: ['INPUT', 'FORWARD', 'OUTPUT'],
  drop: ['INPUT', 'FORWARD', 'OUTPUT'],
  reject: ['INPUT', 'FORWARD', 'OUTPUT'],
  snat: ['POSTROUTING'],
  masquerade: ['POSTROUTING'],
  dnat: ['PREROUTING', 'OUTPUT'],
}
const WITH_IN: readonly Hook[] = ['INPUT', 'FORWARD', 'PREROUTING']
const WITH_OUT: readonly Hook[] = ['FORWARD', 'OUTPUT', 'POSTROUTING']

export const firewallPlanners: Planners<'rule.add' | 'rule.delete' | 'conntrack.delete'> = {
  'rule.add'(command, snapshot) {
    const netns = findNetns(snapshot, command.netns)
    const rule = ruleOf(command, snapshot, netns)
    const table = tableOf(snapshot, rule)
    const chain = nameOf(rule)
    if (findRule(table, rule)) throw new Refused('RULE_TAKEN', { chain })
    const most = table.rules(chain).length + 1
    const { position } = command
    if (position !== undefined && position > most) throw new Refused('POSITION_TOO_FAR', { chain, most }, 'position')
    const plan: Plan = {
      command,
      title: phrase('rule.add', { chain }),
      steps: addRules(snapshot, [rule], position),
      lost: [],
    }
    // What passes a host's own chains is nobody's label to have.
    return snapshot.host.vantage.kind === 'sandbox' ? plan : { ...plan, confirm: rule.hook }
  },
  'rule.delete'(command, snapshot) {
    const rule = findOwnRule(command, snapshot)
    const port = readOwnPort(rule.comment ?? '')
    if (port) throw new Refused('RULE_OF_PORT', { container: port.container, port: port.from }, 'rule')
    const title = phrase('rule.delete', { chain: rule.chain })
    return { command, title, steps: deleteRules(snapshot, [rule]), lost: [] }
  },
  'conntrack.delete'(command, snapshot) {
    const netns = findNetns(snapshot, command.netns)
    const entry = findEntry(command, snapshot, netns)
    const { src, dst } = entry.orig
    const plan = single({
      command,
      title: phrase('conntrack.delete', { protocol: entry.protocol, src, dst }),
      act: { place: netns.id, argv: ['conntrack', '-D', ...tupleOf(entry)] },
      final: true,
      expects: [{ kind: 'record', of: 'conntrack', id: entry.id, name: `${src} → ${dst}` }],
      lost: [phrase('lost.connection', { src, dst })],
      snapshot,
    })
    return snapshot.host.vantage.kind === 'sandbox' ? plan : { ...plan, confirm: dst }
  },
}

/** Whether our chains have the rule that a command would add. */
export function hasRule(command: Add, snapshot: HostSnapshot): boolean {
  try {
    const rule = ruleOf(command, snapshot, findNetns(snapshot, command.netns))
    return findRule(tableOf(snapshot, rule), rule) !== undefined
  } catch (error) {
    // What is named in it is yet to be made.
    if (error instanceof Refused) return false
    throw error
  }
}

/** The rule that a command adds, in the chain where it stands. Throws Refused. */
export function ruleOf(command: Add, snapshot: HostSnapshot, netns: Netns): OwnRule {
  const { action, chain, toAddress } = command
  const allowed = CHAINS[action]
  if (!allowed.includes(chain)) throw new Refused('CHAIN_WRONG', { action, chains: allowed.join(', ') }, 'chain')
  const table = action === 'snat' || action === 'masquerade' || action === 'dnat' ? 'nat' : 'filter'
  return {
    ...{ netns: netns.id, family: familyOf(command), table, hook: chain },
    words: [...matchesOf(command, snapshot, netns), '-j', ...targetOf(action, toAddress)],
  }
}

/** All addresses must be of the family that the rule is for. */
function familyOf({ family, src, dst, toAddress }: Add): OwnRule['family'] {
  const addresses = {
    src: src?.split('/')[0],
    dst: dst?.split('/')[0],
    toAddress: readNatTarget(toAddress ?? '')?.address,
  }
  for (const [field, address] of Object.entries(addresses)) {
    if (address !== undefined && address.includes(':') !== (family === 'inet6'))
      throw new Refused('FAMILY_WRONG', { address, family: family === 'inet6' ? 'IPv6' : 'IPv4' }, field)
  }
  return family === 'inet6' ? 'ip6' : 'ip'
}

/** In the order in which iptables-save prints them. */
function matchesOf(command: Add, snapshot: HostSnapshot, netns: Netns): string[] {
  const { chain, protocol, sport, dport, state, toAddress, family } = command
  const link = (field: 'in' | 'out', chains: readonly Hook[]): string[] => {
    const name = command[field]
    if (name === undefined) return []
    if (!chains.includes(chain)) throw new Refused('MATCH_NOT_HERE', { chain, what: field }, field)
    findLink(snapshot, netns, name, field)
    return [field === 'in' ? '-i' : '-o', name]
  }
  const hasPorts = protocol === 'tcp' || protocol === 'udp'
  const needsPorts = sport !== undefined || dport !== undefined || readNatTarget(toAddress ?? '')?.ports !== undefined
  if (needsPorts && !hasPorts) throw new Refused('PORTS_NEED_PROTOCOL', {}, 'protocol')
  const ports = [...portWords('--sport', sport), ...portWords('--dport', dport)]
  return [
    ...netWords('-s', command.src),
    ...netWords('-d', command.dst),
    ...link('in', WITH_IN),
    ...link('out', WITH_OUT),
    ...(protocol === undefined ? [] : ['-p', protocol === 'icmp' && family === 'inet6' ? 'ipv6-icmp' : protocol]),
    ...(hasPorts && ports.length > 0 ? ['-m', protocol, ...ports] : []),
    ...(state === undefined ? [] : ['-m', 'conntrack', '--ctstate', [...new Set(state)].join(',')]),
  ]
}

/** A network's first address stands for it; everything is no match at all. */
function netWords(option: string, cidr: string | undefined): string[] {
  const [address = '', length = ''] = (cidr ?? '').split('/')
  if (cidr === undefined || length === '0') return []
  return [option, `${networkOf(address, Number(length)) ?? address}/${length}`]
}

function portWords(option: string, text: string | undefined): string[] {
  const [first, last] = readRun(text ?? '') ?? []
  if (first === undefined) return []
  return [option, first === last ? String(first) : `${first}:${last}`]
}

function targetOf(action: Action, to: string | undefined): string[] {
  const needed = action === 'snat' || action === 'dnat'
  if (needed && to === undefined) throw new Refused('TARGET_NEEDED', { action }, 'toAddress')
  if (!needed && to !== undefined) throw new Refused('TARGET_USELESS', { action }, 'toAddress')
  const name = action.toUpperCase()
  if (!needed) return [name]
  const { address = '', ports } = readNatTarget(to ?? '') ?? {}
  const shown = ports === undefined ? address : `${address.includes(':') ? `[${address}]` : address}:${ports}`
  return [name, action === 'snat' ? '--to-source' : '--to-destination', shown]
}

/** The rule that is meant: by its id if it still says what it said, else by its text in the same chain. */
function findOwnRule({ rule: id, text }: CommandOf<'rule.delete'>, snapshot: HostSnapshot): FwRule {
  const there = Object.hasOwn(snapshot.records.fwRule, id) ? snapshot.records.fwRule[id] : undefined
  const chain = id.slice(0, id.lastIndexOf(':'))
  const found =
    there && (text === undefined || there.text === text)
      ? there
      : recordsOf(snapshot, 'fwRule').find(
          (one) => one.text === text && one.id.slice(0, one.id.lastIndexOf(':')) === chain,
        )
  if (found === undefined) throw new Refused('RULE_MISSING', {}, 'rule')
  if (!isOwnRule(found)) throw new Refused('RULE_FOREIGN', { chain: found.chain }, 'rule')
  return found
}

function findEntry(command: CommandOf<'conntrack.delete'>, snapshot: HostSnapshot, netns: Netns): Conntrack {
  const { protocol, src, dst, sport, dport, icmpId } = command
  const found = recordsOf(snapshot, 'conntrack').find(
    ({ netns: at, protocol: its, orig }) =>
      at === netns.id &&
      its === protocol &&
      orig.src === src &&
      orig.dst === dst &&
      orig.sport === sport &&
      orig.dport === dport &&
      orig.icmpId === icmpId,
  )
  if (found === undefined) throw new Refused('CONNECTION_MISSING', { protocol, src, dst })
  return found
}

function tupleOf({ family, protocol, orig, zone }: Conntrack): string[] {
  const option = (name: string, value: number | undefined) => (value === undefined ? [] : [name, String(value)])
  return [
    ...(family === 'inet6' ? ['-f', 'ipv6'] : []),
    ...['-p', protocol, '-s', orig.src, '-d', orig.dst],
    ...option('--sport', orig.sport),
    ...option('--dport', orig.dport),
    ...option('--icmp-type', orig.icmpType),
    ...option('--icmp-code', orig.icmpCode),
    ...option('--icmp-id', orig.icmpId),
    ...option('-w', zone),
  ]
}
