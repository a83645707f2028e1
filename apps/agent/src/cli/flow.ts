import { type HostSnapshot, normalIp, recordsOf, visible } from '@hopscope/model'
import type { Origin, Query } from '@hopscope/path'
import { CliError, EXIT } from './exit.ts'
import { unknownName } from './vantage.ts'

/** Where a packet goes, as it is typed. */
export function readWanted({ to, proto }: { to: string; proto?: string }): Omit<Query, 'from'> {
  const found = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(to)
  const address = found?.[1] ?? found?.[2] ?? to
  const port = found ? Number(found[3]) : undefined
  const protocol = proto ?? (port === undefined ? 'icmp' : 'tcp')
  if (protocol !== 'tcp' && protocol !== 'udp' && protocol !== 'icmp')
    throw new CliError(EXIT.usage, `--proto takes tcp, udp or icmp, not "${visible(protocol)}".`)
  if (protocol === 'icmp' && port !== undefined)
    throw new CliError(EXIT.usage, `icmp has no ports: leave :${port} out, or give --proto tcp.`)
  if (protocol !== 'icmp' && (port === undefined || port < 1 || port > 65_535))
    throw new CliError(EXIT.usage, `${protocol} needs a port from 1 to 65535: --to ${visible(address)}:80.`)
  return { to: normalIp(address) ?? address, protocol, ...(port !== undefined && { port }) }
}

/** A container or a namespace by what a person calls it. */
export function originOf(snapshot: HostSnapshot, who: string): Origin {
  if (who === 'outside') return { kind: 'outside' }
  if (who === 'root' || who === 'host') return { kind: 'netns', netns: snapshot.host.rootNetns }
  const containers = recordsOf(snapshot, 'container')
  const container = containers.find((c) => c.name === who || c.containerId === who)
  if (container?.netns !== undefined) return { kind: 'netns', netns: container.netns }
  if (container)
    throw new CliError(
      EXIT.failure,
      `The container "${visible(who)}" does not run. Start it: docker start ${visible(who)}`,
    )
  const spaces = recordsOf(snapshot, 'netns')
  const found = spaces.find(
    ({ id, names }) => id === who || names.some(({ name, by }) => name === who && by === 'iproute2'),
  )
  if (found) return { kind: 'netns', netns: found.id }
  const names = spaces.flatMap((s) => s.names.flatMap(({ name, by }) => (by === 'iproute2' ? [name] : [])))
  throw unknownName('sender', visible(who), [...containers.map((c) => c.name), ...names, 'root', 'outside'])
}
