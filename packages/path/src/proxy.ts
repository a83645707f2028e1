import { type Container, type HostSnapshot, recordsOf } from '@hopscope/model'
import { isInet6 } from './ip.ts'
import type { Query } from './query.ts'
import { type Answer, type End, unsure } from './walk.ts'

/** The connection that a docker-proxy opens for one that it took; an end when nobody can tell to whom. */
export function proxied(snapshot: HostSnapshot, answer: Answer): { query: Query } | End {
  const { proxy, netns, about } = answer
  const what = `docker-proxy (${proxy?.pid})`
  for (const container of recordsOf(snapshot, 'container')) {
    const binding = container.ports.find(({ proxyPid }) => proxyPid !== undefined && proxyPid === proxy?.pid)
    if (!binding) continue
    // For what came by IPv6 it knows a container that has both by either of them.
    const isUnclear = isInet6(about.dst) && container.attachments.some(({ ip6 }) => ip6)
    const to = isUnclear ? undefined : addressOf(snapshot, container, binding.containerPort)
    if (to === undefined) return unsure(netns, what, container.id)
    const protocol = about.protocol === 'udp' ? 'udp' : 'tcp'
    return { query: { from: { kind: 'netns', netns }, to, protocol, port: binding.containerPort, uid: 0 } }
  }
  return unsure(netns, what, proxy?.socketId)
}

/** A container on several networks publishes on one of them: the rules beside the proxy say which. */
function addressOf(snapshot: HostSnapshot, { attachments }: Container, port: number): string | undefined {
  const addresses = attachments.flatMap(({ ip }) => (ip ? [ip] : []))
  const [only, ...more] = addresses
  if (more.length === 0) return only
  const rules = recordsOf(snapshot, 'fwRule').filter(({ target }) => target === 'DNAT')
  const named = addresses.filter((ip) => rules.some(({ text }) => text.includes(`--to-destination ${ip}:${port}`)))
  return named.length === 1 ? named[0] : undefined
}
