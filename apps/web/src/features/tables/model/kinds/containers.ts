import { type Container, dockerNetworkId, recordsOf } from '@hopscope/model'
import { ownPortsIn, publishText } from '@hopscope/topology'
import { containerPart, endpoint, netnsPart, networkPart } from '../naming.ts'
import type { Scope } from '../scope.ts'
import { defineTable } from '../table.ts'
import { mark, type Part, tag, type Value, word } from '../value.ts'

/** Every container. Same as `docker ps -a` and `docker inspect`. */
export const containers = defineTable<Container>({
  id: 'containers',
  theme: 'docker',
  icon: 'box',
  sources: ['docker'],
  order: ['name'],
  records: (s) => recordsOf(s.snapshot, 'container'),
  ref: (c) => ({ kind: 'container', id: c.id }),
  columns: [
    { id: 'name', kind: 'words', width: 170, value: (c, s) => containerPart(s, c) },
    { id: 'state', kind: 'marks', width: 110, value: state },
    { id: 'mode', kind: 'code', width: 170, value: mode },
    { id: 'networks', kind: 'words', width: 190, value: networks },
    {
      id: 'addresses',
      kind: 'code',
      width: 180,
      value: (c) => c.attachments.flatMap((a) => [a.ip, a.ip6].flatMap((ip) => (ip ? [{ text: ip }] : []))),
    },
    { id: 'published', kind: 'code', width: 260, grow: true, value: published },
    { id: 'image', kind: 'code', width: 170, value: (c) => c.image },
    {
      id: 'namespace',
      kind: 'words',
      width: 160,
      value: (c, s) => (c.netns === undefined ? undefined : netnsPart(s, c.netns)),
    },
    { id: 'pid', kind: 'number', width: 80, value: (c) => c.pid },
    { id: 'hostname', kind: 'code', width: 130, value: (c) => c.hostname },
    { id: 'dns', kind: 'code', width: 150, value: (c) => texts(c.dns.length ? c.dns : resolver(c, 'nameserver')) },
    {
      id: 'dnsSearch',
      kind: 'code',
      width: 150,
      value: (c) => texts(c.dnsSearch.length ? c.dnsSearch : resolver(c, 'search')),
    },
    { id: 'extraHosts', kind: 'code', width: 220, value: hostsEntries },
    { id: 'dockerLinks', kind: 'code', width: 160, value: links },
    { id: 'mac', kind: 'code', width: 150, value: (c) => texts(c.attachments.flatMap((a) => a.mac ?? [])) },
    { id: 'gateway', kind: 'code', width: 130, value: (c) => texts(c.attachments.flatMap((a) => a.gateway || [])) },
    {
      id: 'aliases',
      kind: 'code',
      width: 180,
      extra: true,
      value: (c) => texts([...new Set(c.attachments.flatMap((a) => a.aliases))]),
    },
    { id: 'exposed', kind: 'code', width: 130, extra: true, value: (c) => texts(c.exposed) },
    { id: 'command', kind: 'code', width: 220, extra: true, value: (c) => c.command },
    { id: 'restart', kind: 'words', width: 130, extra: true, value: (c) => c.restartPolicy },
    { id: 'containerId', kind: 'code', width: 120, value: (c) => c.containerId.slice(0, 12) },
  ],
})

function state(c: Container): Part {
  if (c.state === 'running') return tag(c.state, 'ok')
  if (c.state === 'exited') return mark('exited', 'danger', { code: c.exitCode ?? '?' })
  return tag(c.state, c.state === 'dead' ? 'danger' : 'warn')
}

/** bridge, host, none, a network's name, or `container:NAME`, which leads to that container. */
export function mode(c: Container, s: Scope): Value {
  if (!c.networkMode.startsWith('container:')) return c.networkMode === 'default' ? 'bridge' : c.networkMode
  const wanted = c.networkMode.slice('container:'.length)
  const owner = recordsOf(s.snapshot, 'container').find((o) => o.containerId === wanted || o.name === wanted)
  return owner ? { ...containerPart(s, owner), text: `container:${owner.name}` } : c.networkMode
}

function networks(c: Container, s: Scope): Part[] {
  return c.attachments.map((a) => {
    const network = s.snapshot.records.dockerNetwork[dockerNetworkId(a.networkId)]
    return network ? networkPart(s, network) : { text: a.network }
  })
}

/** `8080 → 80/tcp`, the two families of one port once; what our own rules publish says so. */
function published(c: Container, { snapshot }: Scope): Part[] {
  const doors = c.ports.map((p) => {
    const any = ['', '0.0.0.0', '::'].includes(p.hostIp)
    return `${any ? p.hostPort : endpoint(p.hostIp, p.hostPort)} → ${p.containerPort}/${p.protocol}`
  })
  const ours = ownPortsIn(snapshot).filter(({ port }) => port.container === c.name)
  return [
    ...texts([...new Set(doors)]),
    ...ours.map(({ port }) => word('doorByRules', { door: publishText(port).replace(/:(?=[^:]*$)/, ' → ') })),
  ]
}

/** What was asked for with --add-host; else what /etc/hosts says beyond the usual. */
function hostsEntries(c: Container): Part[] {
  if (!c.etcHosts) return texts(c.extraHosts)
  const lines = c.etcHosts.split('\n').map((l) => l.replace(/#.*/, '').trim().split(/\s+/))
  return texts(
    lines
      .filter(([ip, name]) => ip && name && !/^(127\.|::1$|f[ef]0\d::)/.test(ip))
      .map(([ip, ...names]) => `${names.join(' ')} → ${ip}`),
  )
}

/** Docker writes `/db:/web/database`: the other container and what this one calls it. */
function links(c: Container, s: Scope): Part[] {
  return c.links.map((text) => {
    const [from = '', as = ''] = text.split(':')
    const name = from.replace(/^\//, '')
    const alias = as.split('/').at(-1) ?? ''
    const shown = alias && alias !== name ? `${name} → ${alias}` : name
    const other = recordsOf(s.snapshot, 'container').find((o) => o.name === name)
    return other ? { ...containerPart(s, other), text: shown } : { text: shown }
  })
}

/** The words behind a keyword of /etc/resolv.conf. */
function resolver(c: Container, keyword: 'nameserver' | 'search'): string[] {
  const lines = (c.resolvConf ?? '').split('\n').map((l) => l.trim().split(/\s+/))
  return lines.filter(([first]) => first === keyword).flatMap(([, ...rest]) => rest)
}

const texts = (list: readonly string[]): Part[] => list.map((text) => ({ text }))
