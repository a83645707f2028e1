import { createSandbox } from '@hopscope/sandbox'
import { linesOf, list } from './kernel.ts'
import { expect, test } from './rowsTest.ts'

type Inspected = {
  Name: string
  State: { Pid: number }
  HostConfig: { NetworkMode: string; Links: string[] | null; Dns: string[] }
  Config: { Hostname: string }
  NetworkSettings: { Ports: Record<string, { HostIp: string; HostPort: string }[] | null> }
}
type Network = {
  Name: string
  Driver: string
  Internal: boolean
  Scope: string
  Options: Record<string, string> | null
  IPAM: { Config: { Subnet?: string; Gateway?: string }[] | null }
  Containers: Record<string, { Name: string }>
}

test('row 13: Docker networks with driver, subnet, gateway, options and members', async ({ reader, host }) => {
  const ids = linesOf(await host.docker('network', 'ls', '-q'))
  const networks = list<Network>(await host.docker('network', 'inspect', ...ids))
  expect(new Set(networks.map((n) => n.Driver))).toEqual(new Set(['bridge', 'host', 'null', 'macvlan', 'overlay']))
  await reader.table('Docker networks', `host:${host.name}`)
  for (const network of networks) {
    const config = network.IPAM.Config ?? []
    const line = async () => (await reader.lines()).find((l) => l.Name === network.Name)
    await expect.poll(line, { message: network.Name }).toMatchObject({
      Driver: network.Driver,
      Scope: network.Scope,
      Subnet: config.map((c) => c.Subnet).join(', ') || '–',
      Reach: network.Internal ? 'internal' : '–',
    })
    const shown = await line()
    for (const { Gateway } of config) if (Gateway) expect(shown?.Gateway).toContain(Gateway.replace(/\/\d+$/, ''))
    for (const [key, value] of Object.entries(network.Options ?? {}))
      expect(shown?.Options).toContain(`${key}=${value}`)
    // The engine lists its own endpoints of a swarm beside the containers.
    const members = Object.values(network.Containers ?? {}).map((c) => c.Name)
    for (const name of members.filter((m) => !/endpoint|sbox|^gateway_/.test(m)))
      expect(shown?.Containers).toContain(name)
  }
})

test('row 14: containers and every network mode', async ({ reader, host }) => {
  const names = ['web', 'client', 'api', 'db', 'monitor', 'quiet', 'sidecar', 'lan-1', 'mesh-1']
  const inspected = list<Inspected>(await host.docker('inspect', ...names))
  const web = await host.docker('inspect', '-f', '{{.Id}}', 'web')
  await reader.table('Containers', `host:${host.name}`)
  for (const { Name, HostConfig } of inspected) {
    const mode = HostConfig.NetworkMode.replace(/^default$/, 'bridge').replace(`container:${web}`, 'container:web')
    const line = async () => (await reader.lines()).find((l) => l.Name === Name.slice(1))
    await expect.poll(line, { message: Name }).toMatchObject({ 'Network mode': mode, State: 'running' })
  }
  await reader.search('quiet', /^quiet/)
  await expect(reader.details).toContainText('it reaches nobody')
  await reader.search('sidecar', /sidecar/)
  await expect(reader.details).toContainText('web')
})

test('row 15: published ports in every form, with their docker-proxy', async ({ reader, host }) => {
  const names = ['web', 'api', 'store', 'names']
  const inspected = list<Inspected>(await host.docker('inspect', ...names))
  const wanted = inspected.flatMap(({ Name, NetworkSettings }) =>
    Object.entries(NetworkSettings.Ports).flatMap(([inside, doors]) =>
      (doors ?? []).map((d) => {
        const address = d.HostIp.includes(':') ? `[${d.HostIp}]` : d.HostIp
        const [, protocol] = inside.split('/')
        return `${address}:${d.HostPort}/${protocol} ${inside} ${Name.slice(1)}`
      }),
    ),
  )
  expect(wanted.length).toBeGreaterThanOrEqual(8)
  await reader.table('NAT, published ports', `host:${host.name} "published port"`)
  await expect
    .poll(async () =>
      (await reader.lines()).map((l) => `${l.Before} ${l.After?.replace(/^.*:/, '')} ${l['Leads to']}`).sort(),
    )
    .toEqual(wanted.sort())
  const proxies = linesOf(await host.run(['ps', '-eo', 'pid,args'])).filter((l) => l.includes('docker-proxy'))
  for (const line of await reader.lines()) {
    const [, ip, port, protocol] = /^\[?(.*?)\]?:(\d+)\/(\w+)$/.exec(line.Before ?? '') ?? []
    const proxy = proxies.find(
      (p) => p.includes(`-proto ${protocol} `) && p.includes(`-host-ip ${ip} `) && p.includes(`-host-port ${port} `),
    )
    expect(line['docker-proxy pid']?.replaceAll(',', ''), line.Before).toBe(proxy?.split(' ')[0])
  }
  await reader.search('8080', /8080/)
  await expect(reader.details).toContainText('8080')
})

test('row 16: names: host name, DNS, search domain, --link and /etc/hosts', async ({ reader, host }) => {
  for (const name of ['api', 'client']) {
    const [container] = list<Inspected>(await host.docker('inspect', name))
    await reader.table('Containers', `host:${host.name} name:${name}`)
    await reader.page.getByRole('grid').getByRole('button', { name, exact: true }).first().click()
    await expect(await reader.fact('Names', 'Host name')).toContainText(container?.Config.Hostname ?? '?')
    const names = await reader.section('Names')
    for (const path of ['/etc/hosts', '/etc/resolv.conf']) {
      const content = await host.docker('exec', name, 'cat', path)
      const file = names.getByRole('figure').filter({ hasText: path }).locator('pre')
      await expect.poll(async () => linesOf(await file.innerText())).toEqual(linesOf(content))
    }
  }
  await expect(await reader.fact('Names', '--link')).toContainText('web → www')
  await reader.table('Containers', `host:${host.name} name:api`)
  await expect
    .poll(async () => (await reader.lines()).find((l) => l.Name === 'api'))
    .toMatchObject({ DNS: '192.0.2.53', 'DNS search': 'shop.example', 'Host name': 'api-7' })
})

test('row 17: isolation: internal networks and the rules that isolate', async ({ reader, host }) => {
  const bridge = `br-${(await host.docker('network', 'inspect', '-f', '{{.Id}}', 'vault')).slice(0, 12)}`
  await reader.search(bridge, new RegExp(`^${bridge}`))
  await (await reader.fact('Overview', 'Docker network')).getByRole('button', { name: 'vault' }).click()
  await expect(await reader.fact('Overview', 'Internal')).toHaveText(/^on/)
  const drops = linesOf(await host.run(['iptables-save', '-t', 'filter'])).filter(
    (l) => l.includes('-j DROP') && /ISOLATION|DOCKER-INTERNAL/.test(l),
  )
  expect(drops.length).toBeGreaterThan(0)
  await reader.table('Firewall rules', `host:${host.name} table:filter DROP`)
  await reader.column('Whole rule')
  await expect
    .poll(async () => (await reader.lines()).map((l) => l['Whole rule']))
    .toEqual(expect.arrayContaining(drops))
})

test('rows 17 and 18: --icc=false, --bip and a bridge of one’s own as the default', async ({ reader, product }) => {
  expect(product.url).not.toBe('')
  const sandbox = await createSandbox({ name: 'own', hosts: 1 })
  try {
    const [own] = sandbox.hosts
    if (!own) throw new Error('no host')
    await own.restartDocker({ bip: '10.9.0.1/24', icc: false })
    await reader.table('Docker networks', `host:${own.name} name:bridge`)
    const line = async () => (await reader.lines()).find((l) => l.Name === 'bridge')
    await expect
      .poll(line, { timeout: 20_000 })
      .toMatchObject({ Subnet: '10.9.0.0/24', Gateway: '10.9.0.1', Device: 'docker0' })
    expect((await line())?.Options).toContain('com.docker.network.bridge.enable_icc=false')
    await reader.table('Firewall rules', `host:${own.name} docker0 DROP`)
    await reader.column('Whole rule')
    const rules = linesOf(await own.run(['iptables-save', '-t', 'filter']))
    const isolates = rules.find((l) => /-i docker0 -o docker0 .*-j DROP/.test(l))
    await expect.poll(async () => (await reader.lines()).map((l) => l['Whole rule'])).toContain(isolates)

    await own.run(['ip', 'link', 'add', 'br0', 'up', 'type', 'bridge'])
    await own.run(['ip', 'address', 'add', '10.8.0.1/24', 'dev', 'br0'])
    await own.restartDocker({ bridge: 'br0' })
    await reader.table('Docker networks', `host:${own.name} name:bridge`)
    await expect.poll(line, { timeout: 20_000 }).toMatchObject({ Subnet: '10.8.0.0/24', Device: 'br0' })
  } finally {
    await sandbox.down()
  }
})
