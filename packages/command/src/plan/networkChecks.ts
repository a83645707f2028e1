import { type HostSnapshot, recordsOf } from '@hopscope/model'
import type { CommandOf } from '@hopscope/protocol'
import { linkNamed } from '../find.ts'
import { Refused } from '../plan.ts'
import { overlap, within } from '../subnet.ts'

type Asked = Pick<CommandOf<'network.create'>, 'driver' | 'subnet' | 'gateway' | 'ipRange'>

/** A subnet that nobody has, with what shall lie in it. `suffix` ends the names of its inputs. Throws Refused. */
export function requireSubnet(
  snapshot: HostSnapshot,
  { subnet, gateway, ipRange, driver }: Asked,
  suffix: '' | '6' = '',
): void {
  const field = `subnet${suffix}`
  const inside = gateway ?? ipRange
  if (subnet === undefined && inside !== undefined) throw new Refused('SUBNET_NEEDED', { what: inside }, field)
  if (subnet === undefined) return
  const outside = (what: string | undefined, at: string) => {
    const [address = ''] = (what ?? '').split('/')
    if (what !== undefined && !within(address, subnet)) throw new Refused('OUTSIDE_SUBNET', { what, subnet }, at)
  }
  outside(gateway, `gateway${suffix}`)
  outside(ipRange, 'ipRange')
  for (const network of recordsOf(snapshot, 'dockerNetwork')) {
    const twin = network.ipam.find((one) => one.subnet !== undefined && overlap(one.subnet, subnet))
    if (twin) throw new Refused('SUBNET_TAKEN', { subnet, other: twin.subnet ?? '', by: network.name }, field)
  }
  // A macvlan network shares its parent's subnet: that is what it is for.
  if (driver === 'macvlan' || driver === 'ipvlan') return
  const routed = recordsOf(snapshot, 'route').find(
    ({ netns, dst, table, type }) =>
      netns === snapshot.host.rootNetns &&
      table === 254 &&
      type === 'unicast' &&
      dst.includes('/') &&
      overlap(dst, subnet),
  )
  if (routed) throw new Refused('SUBNET_TAKEN', { subnet, other: routed.dst, by: 'route' }, field)
}

/** A driver that this host has, with the options that it takes. Throws Refused. */
export function requireDriver(
  snapshot: HostSnapshot,
  { driver, parent, icc, masquerade }: CommandOf<'network.create'>,
): void {
  const lacks = snapshot.host.lacks ?? []
  const kind = driver === 'overlay' ? 'vxlan' : driver
  if (lacks.includes(kind)) throw new Refused('KIND_LACKING', { kind }, 'driver')
  const onParent = driver === 'macvlan' || driver === 'ipvlan'
  if (onParent && parent === undefined) throw new Refused('PARENT_NEEDED', { driver }, 'parent')
  if (!onParent && parent !== undefined) throw new Refused('OPTION_UNKNOWN', { option: 'parent', driver }, 'parent')
  if (parent !== undefined && linkNamed(snapshot, snapshot.host.rootNetns, parent) === undefined)
    throw new Refused('LINK_MISSING', { link: parent, netns: 'root' }, 'parent')
  if (driver !== 'bridge' && icc !== undefined) throw new Refused('OPTION_UNKNOWN', { option: 'icc', driver }, 'icc')
  if (driver !== 'bridge' && masquerade !== undefined)
    throw new Refused('OPTION_UNKNOWN', { option: 'masquerade', driver }, 'masquerade')
  const [engine] = recordsOf(snapshot, 'dockerEngine')
  if (driver === 'overlay' && engine?.swarm !== 'active') throw new Refused('SWARM_NEEDED', {}, 'driver')
}
