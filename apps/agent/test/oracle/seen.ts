import {
  type Conntrack,
  type Container,
  type DockerNetwork,
  type HostSnapshot,
  type Link,
  type Route,
  recordsOf,
  type Sysctl,
} from '@hopscope/model'
import { bridgeIdentity, type Comparable, comparable, fact } from './comparable.ts'

/** The same facts as `readTruth`, taken from a snapshot. */
export function seenIn(snapshot: HostSnapshot): Comparable {
  const facts = comparable()
  const ino = (netns: string) => netns.slice(3)
  for (const r of recordsOf(snapshot, 'netns')) facts.netns.push(String(r.inode))
  for (const l of recordsOf(snapshot, 'link')) facts.link.push(linkFact(l))
  for (const a of recordsOf(snapshot, 'address')) {
    facts.address.push(
      fact(`${ino(a.netns)} ${a.index} ${a.local}/${a.prefixLength}`, {
        family: a.family,
        scope: a.scope,
        label: a.label,
        broadcast: a.broadcast,
        peer: a.peer,
        secondary: a.family === 'inet' && a.flags.includes('secondary') ? true : undefined,
      }),
    )
  }
  for (const r of recordsOf(snapshot, 'route')) facts.route.push(routeFact(r))
  for (const r of recordsOf(snapshot, 'policyRule')) {
    facts.policyRule.push(
      fact(`${ino(r.netns)} ${dash(r.family)} ${r.priority}`, {
        src: r.src,
        dst: r.dst,
        iif: r.iif,
        oif: r.oif,
        fwmark: r.fwmark,
        table: r.table,
        action: r.action === 'lookup' ? undefined : r.action,
      }),
    )
  }
  for (const x of recordsOf(snapshot, 'neighbour')) {
    const fields = x.proxy ? { proxy: true } : { lladdr: x.lladdr, state: x.state }
    facts.neighbour.push(fact(`${ino(x.netns)} ${x.index} ${x.address}`, fields))
  }
  for (const x of recordsOf(snapshot, 'fdb')) {
    facts.fdb.push(
      fact(`${ino(x.netns)} ${x.index} ${x.mac}`, { master: x.master, vlan: x.vlan, dst: x.dst, state: x.state }),
    )
  }
  for (const x of recordsOf(snapshot, 'sysctl')) facts.sysctl.push(...switchFacts(x))
  for (const x of recordsOf(snapshot, 'socket')) {
    if (x.protocol === 'raw') continue
    const fields = { protocol: x.protocol, address: x.address, port: x.port, device: x.device }
    facts.socket.push(fact(`${ino(x.netns)} ${x.inode}`, fields))
  }
  for (const c of recordsOf(snapshot, 'fwChain')) {
    const legacy = c.engine === 'legacy'
    facts.fwChain.push(
      fact(`${ino(c.netns)} ${legacy ? 'legacy ' : ''}${c.family} ${c.table} ${c.chain}`, {
        // x_tables has no word for it.
        type: legacy ? undefined : c.type,
        hook: c.hook,
        policy: c.policy?.toLowerCase(),
      }),
    )
  }
  const iptablesTables = new Set(
    recordsOf(snapshot, 'fwTable')
      .filter((t) => t.dialect === 'iptables')
      .map((t) => `${t.netns} ${t.engine} ${t.family} ${t.table}`),
  )
  for (const r of recordsOf(snapshot, 'fwRule')) {
    const where = `${ino(r.netns)} ${r.engine} ${r.family} ${r.table} ${r.chain}`
    const ours = iptablesTables.has(`${r.netns} ${r.engine} ${r.family} ${r.table}`)
    facts.fwRule.push(fact(where, ours ? { position: r.position, text: r.text } : { handle: r.handle, text: r.text }))
  }
  for (const t of recordsOf(snapshot, 'fwTable')) {
    for (const [name, { kind, elements }] of Object.entries(t.sets ?? {})) {
      const all = elements.kind === 'all' ? elements.all.toSorted().join() : elements.kind
      if (kind === 'set') facts.fwSet.push(fact(`${ino(t.netns)} ${t.family} ${t.table} ${name}`, { elements: all }))
    }
  }
  for (const c of recordsOf(snapshot, 'conntrack')) facts.conntrack.push(conntrackFact(c))
  for (const c of recordsOf(snapshot, 'container')) facts.container.push(containerFact(c))
  for (const n of recordsOf(snapshot, 'dockerNetwork')) facts.dockerNetwork.push(networkFact(n))
  for (const list of Object.values(facts)) list.sort()
  return facts
}

const dash = (family: 'inet' | 'inet6') => (family === 'inet' ? '-4' : '-6')

function linkFact(l: Link): string {
  const i = l.info
  return fact(`${l.netns.slice(3)} ${l.index}`, {
    name: l.name,
    flags: l.flags
      .filter((f) => f !== 'NO-CARRIER' && f !== 'M-DOWN')
      .sort()
      .join(),
    mtu: l.mtu,
    qdisc: l.qdisc,
    txqlen: l.txQueueLen,
    operstate: l.operState,
    address: l.address,
    promiscuity: l.promiscuity,
    group: l.group,
    alias: l.alias,
    altnames: l.altNames.join(),
    master: l.master,
    // `ip` cannot print the peer's index when it equals the link's own.
    iflink: l.iflink === l.index ? undefined : l.iflink,
    kind: i.kind === 'device' ? undefined : i.kind === 'other' ? i.name : i.kind,
    ...(i.kind === 'bridge' && {
      bridgeId: bridgeIdentity(i.bridgeId),
      rootId: bridgeIdentity(i.rootId),
      stp: i.stp,
      ageing: i.ageingTime,
      priority: i.priority,
      vlanFiltering: i.vlanFiltering,
    }),
    ...(i.kind === 'macvlan' && { mode: i.mode }),
    ...(i.kind === 'vxlan' && {
      vni: i.vni,
      remote: i.remote,
      local: i.local,
      port: i.port,
      learning: i.learning,
      underlay: i.underlay,
    }),
    // Made persistent without an event: a poll tells of it.
    ...(i.kind === 'tun' && { type: i.type, persist: i.persist }),
    ...(l.port && {
      portState: l.port.state,
      cost: l.port.cost,
      portPriority: l.port.priority,
      hairpin: l.port.hairpin,
      guard: l.port.guard,
      learningPort: l.port.learning,
      flood: l.port.flood,
      isolated: l.port.isolated,
    }),
  })
}

function switchFacts(x: Sysctl): string[] {
  const at = x.netns.slice(3)
  const known = (where: string, name: string, value: number | boolean | undefined) =>
    value === undefined ? [] : [fact(where, { [name]: Number(value) })]
  return [
    ...known(at, 'ip_forward', x.ipForward),
    ...known(at, 'ip6_forwarding', x.ip6Forwarding),
    ...known(at, 'rp_filter_all', x.rpFilterAll),
    ...known(at, 'rp_filter_default', x.rpFilterDefault),
    ...known(at, 'bridge-nf-call-iptables', x.bridgeNfCallIptables),
    ...known(at, 'bridge-nf-call-ip6tables', x.bridgeNfCallIp6tables),
    ...known(at, 'bridge-nf-call-arptables', x.bridgeNfCallArptables),
    ...Object.entries(x.links).flatMap(([index, link]) => [
      ...known(`${at} ${index}`, 'ipv4_forwarding', link.forwarding4),
      ...known(`${at} ${index}`, 'ipv4_rp_filter', link.rpFilter),
      ...known(`${at} ${index}`, 'ipv4_proxy_arp', link.proxyArp),
      ...known(`${at} ${index}`, 'ipv6_forwarding', link.forwarding6),
    ]),
  ]
}

function routeFact(r: Route): string {
  return fact(`${r.netns.slice(3)} ${dash(r.family)}`, {
    type: r.type,
    dst: r.dst,
    src: r.src,
    gateway: r.gateway,
    oif: r.oif,
    table: r.table,
    protocol: r.protocol,
    scope: r.scope,
    prefsrc: r.prefSrc,
    metric: r.metric || undefined,
    flags: r.flags.join(),
    nexthops: r.nextHops?.map((h) => `${h.gateway ?? ''}@${h.oif ?? ''}*${h.weight}`).join(),
  })
}

function conntrackFact(c: Conntrack): string {
  const tuple = (t: Conntrack['orig']) => `${t.src}:${t.sport ?? ''}>${t.dst}:${t.dport ?? ''}`
  return fact(`${c.netns.slice(3)} ${c.ctId}`, { protocol: c.protocol, orig: tuple(c.orig), reply: tuple(c.reply) })
}

function containerFact(c: Container): string {
  return fact(c.containerId.slice(0, 12), {
    name: c.name,
    state: c.state,
    pid: c.pid,
    hostname: c.hostname,
    image: c.image,
    mode: c.networkMode,
    ports: c.ports
      .map((p) => `${p.hostIp}|${p.hostPort}|${p.containerPort}/${p.protocol}`)
      .sort()
      .join(),
    networks: c.attachments
      .map((a) => `${a.network}:${a.ip ?? ''}:${(a.mac ?? '').toLowerCase()}:${a.gateway ?? ''}`)
      .sort()
      .join(),
  })
}

function networkFact(n: DockerNetwork): string {
  return fact(n.networkId.slice(0, 12), {
    name: n.name,
    driver: n.driver,
    scope: n.scope,
    internal: n.internal,
    subnets: n.ipam.map((c) => `${c.subnet ?? ''}~${c.gateway ?? ''}`).join(),
    options: Object.entries(n.options).sort().join(';'),
  })
}
