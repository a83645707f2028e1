import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { withoutRoot } from '../../test/netns.ts'
import { makeScene, type Scene } from '../../test/scene.ts'
import { sameMoment } from '../../test/stable.ts'
import { NETLINK, withNetlink } from '../socket.ts'
import { dumpAddresses } from './addresses.ts'
import type { Link } from './link.ts'
import { dumpLinks, getLink } from './links.ts'

type Json = Record<string, unknown>

describe.skipIf(withoutRoot)('links against ip -j -d -s link', () => {
  let scene: Scene
  beforeAll(() => {
    scene = makeScene()
  })
  afterAll(() => scene.remove())

  const read = (path = scene.netns.path) =>
    withNetlink(path, NETLINK.ROUTE, (socket) => ({ links: dumpLinks(socket), tally: socket.tally }))

  it('has every field of every link', () => {
    const { program, ours } = sameMoment(
      () => scene.netns.json('ip', '-j', '-d', '-s', 'link').map(withoutTimers),
      () => read(),
    )
    expect(ours.tally.truncated).toBe(0)
    expect(program.length).toBe(11)
    const names = new Map(ours.links.map((link) => [link.index, link.name]))
    for (const [index, expected] of program.entries()) {
      const link = ours.links[index]
      expect(link && withKeysOf(expected, asIpPrints(link, names))).toEqual(expected)
    }
  })

  it('says what ip does not: peer namespace, carrier changes, protodown', () => {
    const far = read().links.find((link) => link.name === 'far0')
    expect(far).toMatchObject({ linkNetnsid: 0, carrier: false, protoDown: false })
    expect(far?.carrierChanges).toBeGreaterThan(0)
  })

  it('finds links by kind, master and index', () => {
    withNetlink(scene.netns.path, NETLINK.ROUTE, (socket) => {
      const [bridge] = dumpLinks(socket, { kind: 'bridge' })
      expect(bridge?.name).toBe('br0')
      expect(dumpLinks(socket, { master: bridge?.index }).map((link) => link.name)).toEqual(['v0'])
      expect(getLink(socket, bridge?.index ?? 0)?.alias).toBe('the bridge — 网桥')
      expect(getLink(socket, 4_000_000)).toBeUndefined()
    })
  })

  it('sees the other end of a veth in its namespace', () => {
    const far = read().links.find((link) => link.name === 'far0')
    const eth = read(scene.other.path).links.find((link) => link.name === 'eth0')
    expect(eth?.index).toBe(far?.iflink)
    expect(eth?.iflink).toBe(far?.index)
  })

  it('reads the links and addresses of a namespace by its id alone', () => {
    scene.other.ip('addr', 'add', '10.66.0.1/24', 'dev', 'eth0')
    withNetlink(scene.netns.path, NETLINK.ROUTE, (socket) => {
      const ghost = dumpLinks(socket, { targetNsid: 0 })
      expect(ghost.map((link) => link.name)).toEqual(read(scene.other.path).links.map((link) => link.name))
      expect(dumpAddresses(socket, { targetNsid: 0 }).map((address) => address.local)).toContain('10.66.0.1')
      expect(() => dumpLinks(socket, { targetNsid: 77 })).toThrow(/EINVAL/)
    })
  })
})

/** Only the keys that the program prints, at every depth of objects. */
function withKeysOf(expected: Json, actual: Json): Json {
  return Object.fromEntries(
    Object.entries(expected).map(([key, value]) => {
      const mine = actual[key]
      return [key, isObject(value) && isObject(mine) ? withKeysOf(value, mine) : mine]
    }),
  )
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Timers run while we look; `inet6_addr_gen_mode` belongs to IPv6's own part of the message, which is not decoded. "ip" prints
 * bridge ids without leading zeros ("1000.2:0:0:0:0:b0"), unlike every other MAC; ours are padded.
 */
function withoutTimers(link: Json): Json {
  const text = JSON.stringify(link, (key, value) => {
    if (/timer$/.test(key) || ['inet6_addr_gen_mode', 'group_fwd_mask_str'].includes(key)) return undefined
    return /^(root|bridge)_id$/.test(key) ? value.replace(/(?<=[.:])(.)(?=:|$)/g, '0$1') : value
  })
  return JSON.parse(text) as Json // it was one before
}

function asIpPrints(link: Link, names: Map<number, string>): Json {
  const lower = names.get(link.iflink ?? 0)
  return {
    ifindex: link.index,
    ifname: link.name,
    ...(link.linkNetnsid === undefined ? { link: lower } : { link_index: link.iflink, link_netnsid: link.linkNetnsid }),
    flags: link.flagNames,
    mtu: link.mtu,
    qdisc: link.qdisc,
    master: names.get(link.master ?? 0),
    operstate: link.operstate,
    linkmode: link.linkmode,
    group: link.group === 0 ? 'default' : link.group,
    txqlen: link.txqlen,
    link_type: link.type,
    address: link.address,
    broadcast: link.broadcast,
    permaddr: link.permaddr,
    promiscuity: link.promiscuity,
    allmulti: link.allmulti,
    min_mtu: link.minMtu,
    max_mtu: link.maxMtu,
    num_tx_queues: link.numTxQueues,
    num_rx_queues: link.numRxQueues,
    gso_max_size: link.gsoMaxSize,
    gso_max_segs: link.gsoMaxSegs,
    tso_max_size: link.tsoMaxSize,
    tso_max_segs: link.tsoMaxSegs,
    gro_max_size: link.groMaxSize,
    ifalias: link.alias,
    altnames: link.altnames,
    linkinfo: link.linkinfo && infoAsIpPrints(link, names),
    stats64: statisticsAsIpPrints(link),
  }
}

function statisticsAsIpPrints({ stats64 }: Link): Json {
  return {
    rx: { ...stats64?.rx, over_errors: stats64?.rx.overErrors },
    tx: { ...stats64?.tx, carrier_errors: stats64?.tx.carrierErrors },
  }
}

function infoAsIpPrints({ linkinfo }: Link, names: Map<number, string>): Json {
  const data: Json = { ...linkinfo?.data }
  if (linkinfo?.kind === 'bridge') {
    const { no_linklocal_learn, mcast_vlan_snooping } = linkinfo.data?.multi_boolopt ?? {}
    data.no_linklocal_learn = Number(no_linklocal_learn)
    data.mcast_vlan_snooping = Number(mcast_vlan_snooping)
    data.group_fwd_mask = String(data.group_fwd_mask)
  }
  if (linkinfo?.kind === 'vxlan') {
    data.link = names.get(Number(data.link))
    if (data.limit === 0) data.limit = undefined
  }
  if (data.user === 0) data.user = 'root'
  const slave: Json = { ...linkinfo?.slaveData }
  if (linkinfo?.slaveKind === 'bridge') {
    slave.id = `0x${Number(slave.id).toString(16)}`
    slave.no = `0x${Number(slave.no).toString(16)}`
    slave.group_fwd_mask = String(slave.group_fwd_mask)
  }
  return {
    info_kind: linkinfo?.kind,
    info_data: data,
    info_slave_kind: linkinfo?.slaveKind,
    info_slave_data: slave,
  }
}
