import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { leftOf, machineState, processesOf } from '../../test/machine.ts'
import { createSandbox, fillDemo, type Sandbox, sweepSandbox } from '../index.ts'

const root = process.getuid?.() === 0
const folder = mkdtempSync(join(tmpdir(), 't-sbx-'))
process.env.HOPSCOPE_RUN_DIR = join(folder, 'run')
process.env.HOPSCOPE_DATA_DIR = join(folder, 'data')
afterAll(() => rmSync(folder, { recursive: true }))

const bindings = z.record(z.string(), z.array(z.object({ HostIp: z.string(), HostPort: z.string() })).nullable())
const containerSchema = z.object({
  Name: z.string(),
  State: z.object({ Running: z.boolean() }),
  Config: z.object({ Hostname: z.string() }),
  HostConfig: z.object({
    NetworkMode: z.string(),
    PortBindings: bindings.nullable(),
    PublishAllPorts: z.boolean(),
    Dns: z.array(z.string()).nullable(),
    DnsSearch: z.array(z.string()).nullable(),
    ExtraHosts: z.array(z.string()).nullable(),
    Links: z.array(z.string()).nullable(),
  }),
  NetworkSettings: z.object({
    Ports: bindings,
    Networks: z.record(z.string(), z.object({ IPAddress: z.string(), Aliases: z.array(z.string()).nullable() })),
  }),
})

describe.skipIf(!root)('the demo', () => {
  const name = 't-sbx-demo'
  const before = root ? machineState() : undefined
  let sandbox: Sandbox
  let first: Sandbox['hosts'][number]
  const inspect = async (container: string) =>
    z.tuple([containerSchema]).parse(JSON.parse(await first.docker('container', 'inspect', container)))[0]

  beforeAll(async () => {
    const start = performance.now()
    sandbox = await createSandbox({ name, hosts: 2 })
    const up = performance.now()
    const filled = await fillDemo(sandbox)
    console.info(`demo: up ${Math.round(up - start)} ms, filled ${Math.round(performance.now() - up)} ms`)
    expect(filled).toEqual({ leftOut: [] })
    first = sandbox.host('t-sbx-demo-1')
  })

  afterAll(async () => {
    const processes = await processesOf(name)
    const start = performance.now()
    await sweepSandbox(name)
    expect(processes.length).toBeGreaterThan(20)
    console.info(`demo: down ${Math.round(performance.now() - start)} ms`)
    expect(leftOf(name, processes)).toEqual([])
    expect(machineState()).toEqual(before)
  })

  it('runs every container', async () => {
    const running = async (host: Sandbox['hosts'][number]) =>
      (await host.docker('ps', '--format', '{{.Names}}')).split('\n').sort()
    const names = ['api', 'client', 'db', 'lan-1', 'mesh-1', 'monitor', 'names', 'quiet', 'sidecar', 'store', 'web']
    expect(await running(first)).toEqual(names)
    expect(await running(sandbox.host('t-sbx-demo-2'))).toEqual(['lan-2', 'mesh-2'])
  })

  it('has every network mode', async () => {
    const web = await first.docker('container', 'inspect', '--format', '{{.Id}}', 'web')
    const modes = { web: 'default', client: 'default', api: 'shop', db: 'vault', monitor: 'host', quiet: 'none' }
    for (const [container, mode] of Object.entries(modes))
      expect((await inspect(container)).HostConfig.NetworkMode).toBe(mode)
    expect((await inspect('sidecar')).HostConfig.NetworkMode).toBe(`container:${web}`)
    expect(await first.docker('exec', 'quiet', 'ls', '/sys/class/net')).toBe('lo')
  })

  it('has two containers on docker0, of which one knows the other by a link', async () => {
    const format = '{{range .Containers}}{{.Name}} {{end}}'
    expect((await first.docker('network', 'inspect', 'bridge', '--format', format)).split(' ').sort()).toEqual([
      'client',
      'web',
    ])
    expect((await inspect('client')).HostConfig.Links).toEqual(['/web:/client/www'])
    expect(await first.docker('exec', 'client', 'cat', '/etc/hosts')).toMatch(/^172\.17\.0\.\d+\twww /m)
  })

  it('has a container with names of every kind on two networks, one of them internal', async () => {
    const api = await inspect('api')
    expect(api.Config.Hostname).toBe('api-7')
    expect(api.HostConfig).toMatchObject({
      Dns: ['192.0.2.53'],
      DnsSearch: ['shop.example'],
      ExtraHosts: ['ledger:192.168.66.12'],
    })
    expect(Object.keys(api.NetworkSettings.Networks).sort()).toEqual(['shop', 'vault'])
    expect(api.NetworkSettings.Networks.shop?.Aliases).toContain('backend')
    expect(await first.docker('network', 'inspect', 'vault', '--format', '{{.Internal}}')).toBe('true')
    expect(Object.keys((await inspect('db')).NetworkSettings.Networks)).toEqual(['vault'])
    const reached = await first.exec(['docker', 'exec', 'db', 'ping', '-c', '1', '-W', '1', '192.168.66.12'])
    expect(reached.code).not.toBe(0)
  })

  it('publishes ports in all five forms, over UDP and TCP', async () => {
    const web = (await inspect('web')).NetworkSettings.Ports['80/tcp'] ?? []
    expect(web).toContainEqual({ HostIp: '0.0.0.0', HostPort: '8080' })
    expect(web).toContainEqual({ HostIp: '192.168.66.11', HostPort: '8081' })
    expect(web).toContainEqual({ HostIp: '127.0.0.1', HostPort: expect.stringMatching(/^\d{5}$/) })
    const api = await inspect('api')
    expect(api.HostConfig).toMatchObject({ PublishAllPorts: true, PortBindings: {} })
    expect(api.NetworkSettings.Ports['80/tcp']?.[0]?.HostPort).toMatch(/^\d{5}$/)
    expect(Object.keys((await inspect('store')).NetworkSettings.Ports).sort()).toEqual([
      '9000/tcp',
      '9001/tcp',
      '9002/tcp',
    ])
    expect((await inspect('names')).NetworkSettings.Ports['53/udp']?.[0]?.HostPort).toBe('5353')
  })

  it.each([8080, 8081, 9000, 9001, 9002, 9100])('serves the outside on port %i', async (port) => {
    const page = await sandbox.outside.run(['busybox', 'wget', '-q', '-O', '-', `http://${first.address}:${port}/`])
    expect(page).toBe('a page from a container\n')
  })

  it('has a pair of namespaces of its own, and a router between two segments', async () => {
    const inside = (namespace: string, ...argv: string[]) => first.exec(['ip', 'netns', 'exec', namespace, ...argv])
    expect((await inside('blue', 'ping', '-c', '1', '-W', '1', '10.1.1.2')).code).toBe(0)
    expect((await inside('blue', 'ping', '-c', '1', '-W', '1', first.address)).code).not.toBe(0)
    const crossing = await inside('left', 'ping', '-c', '1', '-W', '1', '10.10.2.10')
    expect(crossing.stdout).toContain('ttl=63')
    expect((await inside('router', 'cat', '/proc/sys/net/ipv4/ip_forward')).stdout).toBe('1\n')
  })

  it('holds rules of both iptables back ends and a native table', async () => {
    expect(await first.run(['iptables', '-S', 'DOCKER-USER'])).toContain('frames within seg1 may pass')
    expect(await first.run(['iptables-legacy', '-S', 'INPUT'])).toContain('an old tool kept this rule')
    expect(await first.run(['nft', 'list', 'table', 'inet', 'demo'])).toMatch(/counter packets [1-9]/)
  })

  it('joins the hosts by macvlan and by an overlay, in both directions', async () => {
    for (const [index, host] of sandbox.hosts.entries()) {
      const [own, other] = [index + 1, 2 - index]
      const address = `192.168.66.${other === 1 ? 66 : 82}`
      expect((await host.exec(['docker', 'exec', `lan-${own}`, 'ping', '-c', '1', '-W', '2', address])).code).toBe(0)
      expect(
        (await host.exec(['docker', 'exec', `mesh-${own}`, 'ping', '-c', '1', '-W', '2', `mesh-${other}`])).code,
      ).toBe(0)
    }
  })

  it('has something in the tables of neighbours, of the switches and of connections', async () => {
    expect(await first.run(['ip', 'neigh', 'show', 'dev', 'docker0'])).toContain('lladdr')
    expect(await first.run(['bridge', 'fdb', 'show', 'br', 'seg1', 'dynamic'])).toContain('dev port-left')
    expect(await first.run(['conntrack', '-L'])).toContain('dport=8080')
  })

  it('is left alone by a second fill', async () => {
    const ids = () => first.docker('ps', '-q', '--no-trunc')
    const rules = async () =>
      (await first.run(['iptables-save']))
        .split('\n')
        .filter((line) => line.startsWith('-A'))
        .sort()
    const [idsBefore, rulesBefore] = [await ids(), await rules()]
    expect(await fillDemo(sandbox)).toEqual({ leftOut: [] })
    expect(await ids()).toBe(idsBefore)
    expect(await rules()).toEqual(rulesBefore)
  })

  it('is completed by a fill after an engine was restarted', async () => {
    // The second host's: a swarm's only manager needs a minute to find its workers again.
    const second = sandbox.host('t-sbx-demo-2')
    await second.restartDocker()
    expect(await second.docker('ps', '-q')).toBe('')
    expect(await fillDemo(sandbox)).toEqual({ leftOut: [] })
    expect((await second.docker('ps', '--format', '{{.Names}}')).split('\n').sort()).toEqual(['lan-2', 'mesh-2'])
  })
})
