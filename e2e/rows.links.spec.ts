import type { SandboxHost } from '@hopscope/sandbox'
import { containerPlace, hostPlace, list, namedPlace, type Place } from './kernel.ts'
import type { Reader } from './reader.ts'
import { expect, test } from './rowsTest.ts'

type IpLink = {
  ifindex: number
  ifname: string
  link?: string
  link_index?: number
  flags: string[]
  mtu: number
  master?: string
  txqlen?: number
  address: string
  addr_info: { local?: string; prefixlen: number }[]
  promiscuity?: number
  linkinfo?: { info_kind?: string; info_data?: Record<string, string | number> }
  stats64: { rx: Counted; tx: Counted }
}
type Counted = { bytes: number; packets: number; errors: number; dropped: number }
const linksOf = async (place: Place) => list<IpLink>(await place.run('ip', '-j', '-d', '-s', 'address', 'show'))

async function places(host: SandboxHost): Promise<Place[]> {
  return [
    hostPlace(host),
    ...['blue', 'green', 'left', 'router', 'right'].map((name) => namedPlace(host, name)),
    await containerPlace(host, 'web', 'sidecar, web'),
    ...(await Promise.all(['client', 'api', 'store', 'db', 'quiet'].map((name) => containerPlace(host, name)))),
  ]
}

test('row 1: interfaces with state, flags, MAC, addresses, MTU and queue length', async ({ reader, host }) => {
  for (const place of await places(host)) {
    await reader.table('Interfaces', `host:${host.name} namespace:"${place.name}"`)
    await expect
      .poll(async () => shownLinks(reader, place), { message: place.name })
      .toEqual((await linksOf(place)).map(expectedLink))
  }
  const [nic] = list<IpLink>(await host.run(['ip', '-j', 'address', 'show', 'dev', host.nic]))
  await reader.search(nic?.address ?? '', new RegExp(`^${host.nic}`))
  await expect(reader.title).toHaveText(host.nic)
  await expect(await reader.fact('Overview', 'MAC address')).toContainText(nic?.address ?? '')
  await expect(await reader.fact('Overview', 'MTU')).toHaveText(String(nic?.mtu))
  await expect(await reader.fact('Overview', 'Queue length')).toHaveText(String(nic?.txqlen))
})

function expectedLink(link: IpLink) {
  return {
    name: link.ifname,
    flags: [...link.flags].sort(),
    state: !link.flags.includes('UP') ? 'down' : link.flags.includes('LOWER_UP') ? 'up' : 'no carrier',
    mac: link.address,
    mtu: link.mtu,
    queue: link.txqlen ?? 0,
    index: link.ifindex,
    master: link.master ?? '–',
    addresses: link.addr_info.map((a) => `${a.local}/${a.prefixlen}`).sort(),
  }
}

/** The lines of one namespace, by index. */
async function shownLinks(reader: Reader, place: Place) {
  const lines = (await reader.lines()).filter((l) => l.Namespace === place.name)
  return lines
    .map((l) => ({
      name: l.Name?.replace(/@.*/, ''),
      flags: (l.Flags ?? '').split(', ').sort(),
      state: l.State,
      mac: l.MAC,
      mtu: number(l.MTU),
      queue: number(l.Queue),
      index: number(l.ifindex),
      master: l.Master,
      addresses: l.Addresses === '–' ? [] : (l.Addresses ?? '').split(', ').sort(),
    }))
    .sort((a, b) => a.index - b.index)
}

const number = (text = ''): number => Number(text.replaceAll(',', ''))

test('row 1: promiscuous mode by hand, and counters that follow the kernel', async ({ reader, host, demo }) => {
  await reader.search(host.nic, new RegExp(`^${host.nic}.*${host.name}`))
  const flags = await reader.section('Flags')
  const promiscuous = await reader.fact('Overview', 'Promiscuous')
  // The macvlan child asks for it once; the flag itself appears only when a person asks.
  const asked = async () => (await linksOf(hostPlace(host))).find((l) => l.ifname === host.nic)?.promiscuity
  const once = await asked()
  await expect(promiscuous).toHaveText(once === 1 ? 'on, asked for once' : 'off')
  await expect(flags.getByText('PROMISC', { exact: true })).toHaveCount(0)
  await host.run(['ip', 'link', 'set', host.nic, 'promisc', 'on'])
  await expect(flags.getByText('PROMISC', { exact: true })).toBeVisible()
  await expect(promiscuous).toHaveText(`on, asked for ${await asked()} times`)
  await host.run(['ip', 'link', 'set', host.nic, 'promisc', 'off'])
  await expect(flags.getByText('PROMISC', { exact: true })).toHaveCount(0)

  const packets = (await reader.section('Counters')).getByRole('row', { name: /^Packets/ }).getByRole('cell')
  const read = async () => (await linksOf(hostPlace(host))).find((l) => l.ifname === host.nic)?.stats64
  const before = await read()
  await host.run(['ping', '-c', '3', '-i', '0.2', '-W', '1', demo.fabric.gateway])
  const sent = await read()
  await expect.poll(async () => number(await packets.nth(1).innerText())).toBeGreaterThanOrEqual(sent?.tx.packets ?? 0)
  const shown = [number(await packets.nth(0).innerText()), number(await packets.nth(1).innerText())]
  const after = await read()
  expect(shown[0]).toBeGreaterThanOrEqual(before?.rx.packets ?? 0)
  expect(shown[0]).toBeLessThanOrEqual(after?.rx.packets ?? 0)
  expect(shown[1]).toBeLessThanOrEqual(after?.tx.packets ?? 0)
  expect(sent?.tx.packets).toBeGreaterThanOrEqual((before?.tx.packets ?? 0) + 3)

  await reader.table('Interfaces', `host:${host.name} namespace:blue`)
  const still = (await linksOf(namedPlace(host, 'blue'))).find((l) => l.ifname === 'to-green')?.stats64
  await expect
    .poll(async () => {
      const line = (await reader.lines()).find((l) => l.Name?.startsWith('to-green'))
      return [line?.['RX packets'], line?.['TX packets'], line?.['RX errors'], line?.['TX dropped']].map(number)
    })
    .toEqual([still?.rx.packets, still?.tx.packets, still?.rx.errors, still?.tx.dropped])
})

test('row 2: namespaces: named, of containers, of plain processes, with their loopback', async ({ reader, host }) => {
  host.spawn(['unshare', '--net', 'sleep', '1000'], { stdio: 'ignore' })
  const pidOf = async () => (await host.exec(['pgrep', '-n', '-x', '-f', 'sleep 1000'])).stdout.trim()
  await expect.poll(pidOf).toMatch(/^\d+$/)
  const pid = await pidOf()
  await reader.table('Namespaces', `host:${host.name}`)
  const line = async (name: RegExp) => (await reader.lines()).find((l) => name.test(l.Name ?? ''))
  for (const name of ['blue', 'green', 'left', 'router', 'right']) {
    const place = namedPlace(host, name)
    const inode = (await place.run('readlink', '/proc/self/ns/net')).trim()
    const expected = { 'What it is': 'made by hand (ip netns)', Loopback: await loopback(place), Inode: inode }
    await expect.poll(() => line(new RegExp(`^${name}$`))).toMatchObject(expected)
  }
  for (const name of ['client', 'api', 'db', 'quiet']) {
    const place = await containerPlace(host, name)
    const inode = (await place.run('readlink', '/proc/self/ns/net')).trim()
    const expected = { 'What it is': 'of a container', Loopback: await loopback(place), Inode: inode, Containers: name }
    await expect.poll(() => line(new RegExp(`^${name}$`))).toMatchObject(expected)
  }
  await expect.poll(() => line(/^sidecar, web$/)).toMatchObject({ Containers: 'sidecar, web' })
  await expect
    .poll(() => line(new RegExp(`^sleep ${pid}$`)))
    .toMatchObject({ 'What it is': 'of a process', Loopback: 'down' })
  await reader.search(`sleep ${pid}`, new RegExp(`^sleep ${pid}`))
  await expect((await reader.section('Interfaces')).getByRole('button', { name: /^lo/ })).toContainText('Down')
  await host.run(['kill', '-9', pid])
  await expect(reader.details).toContainText('It is no longer there')

  await host.run(['ip', 'netns', 'add', 'noted'])
  await reader.search('noted', /^noted/)
  await host.run(['ip', 'netns', 'delete', 'noted'])
  await expect(reader.details).toContainText('It is no longer there')
})

async function loopback(place: Place): Promise<string> {
  return (await linksOf(place)).some((l) => l.flags.includes('LOOPBACK') && l.flags.includes('UP')) ? 'up' : 'down'
}

test('row 3: veth pairs, both ends matched across namespaces', async ({ reader, host }) => {
  const all = await places(host)
  const links = await Promise.all(all.map(async (place) => ({ place, links: await linksOf(place) })))
  await reader.table('veth pairs', `host:${host.name}`)
  const lines = await reader.lines()
  let compared = 0
  for (const { place, links: inside } of links.slice(1)) {
    for (const end of inside.filter((l) => l.linkinfo?.info_kind === 'veth')) {
      const other = await otherEnd(links, place, end)
      if (!other) continue
      const line = lines.find(
        (l) =>
          (l.Namespace === place.name && l.End === end.ifname) ||
          (l['Its namespace'] === place.name && l['Other end'] === end.ifname),
      )
      const swapped = line?.Namespace !== place.name
      const indexes = swapped ? [other.link.ifindex, end.ifindex] : [end.ifindex, other.link.ifindex]
      expect(line, `${place.name} ${end.ifname}`).toMatchObject({
        ifindexes: `if${indexes[0]} ↔ if${indexes[1]}`,
        [swapped ? 'End' : 'Other end']: other.link.ifname,
        [swapped ? 'Namespace' : 'Its namespace']: other.place.name,
        [swapped ? 'Its MAC' : 'MAC']: end.address,
        Bridge: other.link.master ?? '–',
      })
      compared += 1
    }
  }
  // blue – green from both sides; left, router twice, right; web, client; api twice; store; db.
  expect(compared).toBe(12)

  const eth0 = links.find((l) => l.place.name === 'client')?.links.find((l) => l.ifname === 'eth0')
  await reader.search(eth0?.address ?? '', /^eth0.*client/)
  const port = (await linksOf(hostPlace(host))).find((l) => l.ifindex === eth0?.link_index)
  const cable = await reader.section('Cable')
  await expect(cable).toContainText(
    `eth0 in client is one end of a cable; the other end is ${port?.ifname}, a port of docker0 (if${eth0?.ifindex} ↔ if${port?.ifindex}).`,
  )
  await cable.getByRole('button', { name: new RegExp(`^${port?.ifname}`) }).click()
  await expect(reader.title).toHaveText(port?.ifname ?? '')
})

/** The end whose index the kernel names, in the namespace that its id stands for; told apart by who points back. */
async function otherEnd(all: { place: Place; links: IpLink[] }[], place: Place, end: IpLink) {
  const found = all.flatMap((o) =>
    o.place === place
      ? []
      : o.links
          .filter((l) => l.linkinfo?.info_kind === 'veth')
          .filter((l) => l.ifindex === end.link_index && l.link_index === end.ifindex)
          .map((link) => ({ place: o.place, link })),
  )
  // Several pairs may have the same two indexes; the kernel then tells by statistics that only one is the other end.
  const counted = found.filter(
    ({ link }) =>
      link.stats64.rx.packets === end.stats64.tx.packets && link.stats64.tx.packets === end.stats64.rx.packets,
  )
  return found.length === 1 ? found[0] : counted.length === 1 ? counted[0] : undefined
}

test('row 4: bridges with ports, port states, STP and bridge id', async ({ reader, host }) => {
  const links = await linksOf(hostPlace(host))
  const bridges = links.filter((l) => l.linkinfo?.info_kind === 'bridge')
  const networks = list<{ Id: string; Name: string }>(
    await host.docker('network', 'inspect', 'shop', 'vault', 'docker_gwbridge'),
  )
  expect(bridges.map((b) => b.ifname)).toEqual(
    expect.arrayContaining(['docker0', 'seg1', 'seg2', ...networks.slice(0, 2).map((n) => `br-${n.Id.slice(0, 12)}`)]),
  )
  await reader.table('Bridges', `host:${host.name} namespace:"${host.name} (host)"`)
  await expect
    .poll(async () => (await reader.lines()).map(shownBridge).sort(byName))
    .toEqual(bridges.map((b) => expectedBridge(b, links)).sort(byName))

  type Port = { ifname: string; master?: string; state?: string; priority?: number; cost?: number }
  const ports = list<Port>(await host.run(['bridge', '-j', 'link', 'show'])).filter((p) => p.master)
  await reader.table('Bridge ports', `host:${host.name} namespace:"${host.name} (host)"`)
  await expect
    .poll(async () =>
      (await reader.lines()).map((l) => `${l.Port} ${l.Bridge} ${l['Port state']} ${l.Cost} ${l.Priority}`).sort(),
    )
    .toEqual(ports.map((p) => `${p.ifname} ${p.master} ${p.state} ${p.cost} ${p.priority}`).sort())

  const shop = bridges.find((b) => b.ifname === `br-${networks[0]?.Id.slice(0, 12)}`)
  await reader.search(shop?.ifname ?? '', new RegExp(`^${shop?.ifname}`))
  await expect(await reader.fact('Switch and STP', 'Bridge ID')).toContainText(
    padded(`${shop?.linkinfo?.info_data?.bridge_id}`),
  )
  await expect(await reader.fact('Switch and STP', 'Spanning tree')).toHaveText('off')
  await host.run(['ip', 'link', 'set', shop?.ifname ?? '', 'type', 'bridge', 'stp_state', '1'])
  await expect(await reader.fact('Switch and STP', 'Spanning tree')).toHaveText('on')
  await host.run(['ip', 'link', 'set', shop?.ifname ?? '', 'type', 'bridge', 'stp_state', '0'])
  await expect(await reader.fact('Switch and STP', 'Spanning tree')).toHaveText('off')
})

const byName = (a: { name?: string | undefined }, b: { name?: string | undefined }) =>
  (a.name ?? '') < (b.name ?? '') ? -1 : 1

/** `ip` prints 8000.2:42:1:… where everybody else prints 8000.02:42:01:… */
const padded = (id: string): string => id.replace(/(?<=[.:])(.)(?=:|$)/g, '0$1')

function expectedBridge(b: IpLink, links: IpLink[]) {
  const data = b.linkinfo?.info_data ?? {}
  return {
    name: b.ifname,
    id: padded(`${data.bridge_id}`),
    stp: data.stp_state ? 'on' : 'off',
    priority: data.priority,
    ageing: `${Number(data.ageing_time) / 100} s`,
    mac: b.address,
    ports: links
      .filter((l) => l.master === b.ifname)
      .map((l) => l.ifname)
      .sort(),
  }
}

function shownBridge(l: Record<string, string>) {
  return {
    name: l.Name,
    id: l['Bridge ID'],
    stp: l.STP,
    priority: number(l.Priority),
    ageing: l.Ageing,
    mac: l.MAC,
    ports: l['Plugged in'] === '–' ? [] : (l['Plugged in'] ?? '').split(', ').sort(),
  }
}
