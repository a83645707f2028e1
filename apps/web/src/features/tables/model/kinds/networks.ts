import { type Container, type DockerNetwork, recordsOf } from '@hopscope/model'
import { containerPart, linkPart, networkPart } from '../naming.ts'
import type { Scope } from '../scope.ts'
import { defineTable } from '../table.ts'
import { mark, type Part, type Value, yesNo } from '../value.ts'

/** Every Docker network. Same as `docker network ls` and `docker network inspect`. */
export const networks = defineTable<DockerNetwork>({
  id: 'networks',
  theme: 'docker',
  icon: 'bridge',
  sources: ['docker'],
  order: ['name'],
  records: (s) => recordsOf(s.snapshot, 'dockerNetwork'),
  ref: (n) => ({ kind: 'dockerNetwork', id: n.id }),
  columns: [
    { id: 'name', kind: 'words', width: 170, value: (n, s) => networkPart(s, n) },
    { id: 'driver', kind: 'words', width: 90, value: (n) => n.driver },
    {
      id: 'subnet',
      kind: 'code',
      width: 170,
      value: (n) => n.ipam.flatMap((i) => (i.subnet ? [{ text: i.subnet }] : [])),
    },
    {
      id: 'gateway',
      kind: 'code',
      width: 140,
      value: (n) => n.ipam.flatMap((i) => (i.gateway ? [{ text: i.gateway }] : [])),
    },
    { id: 'device', kind: 'code', width: 170, value: device },
    { id: 'memberCount', kind: 'number', width: 90, value: (n, s) => members(n, s).length },
    { id: 'containers', kind: 'words', width: 240, grow: true, value: members },
    { id: 'reach', kind: 'marks', width: 110, value: (n) => (n.internal ? mark('internal', 'warn') : undefined) },
    {
      id: 'options',
      kind: 'code',
      width: 260,
      value: (n) => Object.entries(n.options).map(([key, value]) => ({ text: `${key}=${value}` })),
    },
    { id: 'scope', kind: 'words', width: 80, value: (n) => n.scope },
    {
      id: 'ipRange',
      kind: 'code',
      width: 140,
      extra: true,
      value: (n) => n.ipam.flatMap((i) => (i.ipRange ? [{ text: i.ipRange }] : [])),
    },
    { id: 'ipv6', kind: 'words', width: 72, extra: true, value: (n) => yesNo(n.ipv6) },
    { id: 'attachable', kind: 'words', width: 100, value: (n) => yesNo(n.attachable) },
    { id: 'networkId', kind: 'code', width: 120, value: (n) => n.networkId.slice(0, 12) },
  ],
})

function members(n: DockerNetwork, s: Scope): Part[] {
  const isMember = (c: Container) =>
    c.attachments.some((a) => a.networkId === n.networkId) || (n.driver === 'host' && c.networkMode === 'host')
  return recordsOf(s.snapshot, 'container')
    .filter(isMember)
    .map((c) => containerPart(s, c))
}

/** The bridge, or the parent link, in the host's namespace. */
function device(n: DockerNetwork, s: Scope): Value {
  const name = n.bridge ?? n.parent
  const link = s.linksIn(s.snapshot.host.rootNetns).find((l) => l.name === name)
  return link ? linkPart(s, link) : name
}
