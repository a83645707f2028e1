import { type HostSnapshot, recordsOf } from '@hopscope/model'
import type { Command } from '@hopscope/protocol'
import { generateHost } from '@hopscope/testkit'
import { describe, expect, it } from 'vitest'
import { risksOf, say, type Way } from './index.ts'

const host = generateHost({ containers: 6 })
const byDefault = recordsOf(host, 'route').find(
  ({ netns, dst, family, table }) =>
    netns === host.host.rootNetns && dst === 'default' && family === 'inet' && table === 254,
)
const nic = recordsOf(host, 'link').find(
  ({ netns, index }) => netns === host.host.rootNetns && index === byDefault?.oif,
)
const address = recordsOf(host, 'address').find(
  ({ netns, index, family }) => netns === nic?.netns && index === nic?.index && family === 'inet',
)
if (!byDefault?.gateway || !nic || !address) throw new Error('the host has a card with a default route')
const at = { netns: 'root', link: nic.name }
const own = `${address.local}/${address.prefixLength}`
const far: Way = { to: 'hub', remote: '203.0.113.9', local: address.local }
const loopback: Way = { to: 'hub', remote: '::ffff:127.0.0.1', local: '::ffff:127.0.0.1' }
const viewer: Way = { to: 'viewer', remote: '198.51.100.7' }
const rule = { do: 'rule.add', netns: 'root', family: 'inet' } as const
const codes = (command: Command, ways: Way[] = [far], on: HostSnapshot = host) =>
  risksOf(command, on, ways).map(({ code }) => code)

describe('what may cut a way', () => {
  it.each<Command>([
    { do: 'link.down', ...at },
    { do: 'link.delete', ...at },
    { do: 'link.move', ...at, to: 'web' },
    { do: 'link.rename', ...at, to: 'new0' },
    { do: 'link.mac', ...at, mac: '02:00:00:00:00:01' },
    { do: 'link.attach', ...at, bridge: 'docker0' },
    { do: 'address.delete', ...at, address: own },
    { do: 'address.add', netns: 'root', link: 'docker0', address: '203.0.113.1/24' },
    { do: 'address.add', netns: 'root', link: 'docker0', address: `${byDefault.gateway ?? ''}/32` },
    { do: 'route.delete', netns: 'root', dst: 'default', table: 254 },
    { do: 'route.replaceDefault', netns: 'root', via: '172.17.0.9' },
    { do: 'route.add', netns: 'root', dst: '203.0.113.0/24', via: '172.17.0.9', table: 254, type: 'unicast' },
    { do: 'route.add', netns: 'root', dst: '203.0.113.9', table: 254, type: 'blackhole' },
    { do: 'neighbour.add', ...at, address: byDefault.gateway ?? '', mac: '02:00:00:00:00:01' },
    { do: 'sysctl.set', netns: 'root', key: 'rp_filter', value: 1 },
    { ...rule, chain: 'INPUT', action: 'drop' },
    { ...rule, chain: 'OUTPUT', action: 'reject', out: nic.name, dst: '203.0.113.0/24', protocol: 'tcp' },
  ])('$do of what the route goes over: %j', (command) => expect(codes(command)).toEqual(['risk.hub']))

  it.each<Command>([
    { do: 'link.up', ...at },
    { do: 'link.promisc', ...at, on: true },
    { do: 'link.mtu', ...at, mtu: 1200 },
    { do: 'link.down', netns: 'root', link: 'docker0' },
    { do: 'link.down', netns: 'web', link: 'eth0' },
    { do: 'address.add', ...at, address: '10.99.0.1/24' },
    { do: 'route.add', netns: 'root', dst: '10.99.0.0/24', via: '172.17.0.9', table: 254, type: 'unicast' },
    { do: 'route.delete', netns: 'web', dst: 'default', table: 254 },
    { do: 'route.replaceDefault', netns: 'root', via: 'fe80::1' },
    { do: 'sysctl.set', netns: 'root', key: 'ip_forward', value: 0 },
    { do: 'link.down', netns: 'nowhere', link: 'eth0' },
    { do: 'container.stop', container: 'web' },
    { ...rule, chain: 'INPUT', action: 'accept' },
    { ...rule, chain: 'INPUT', action: 'drop', protocol: 'udp' },
    { ...rule, chain: 'INPUT', action: 'drop', src: '10.0.0.0/8' },
    { ...rule, chain: 'INPUT', action: 'drop', in: 'docker0' },
    { ...rule, chain: 'FORWARD', action: 'drop' },
    { ...rule, chain: 'INPUT', action: 'drop', netns: 'web' },
  ])('is none of the rest: %j', (command) => expect(codes(command)).toEqual([]))

  it('is nothing for a hub on this host, but the ways of those who look at it then count', () => {
    const down: Command = { do: 'link.down', ...at }
    expect(codes(down, [loopback])).toEqual([])
    expect(codes(down, [loopback, viewer])).toEqual(['risk.viewer'])
    expect(codes(down, [loopback, { to: 'viewer', remote: '::1' }])).toEqual([])
    expect(codes(down, [far, viewer])).toEqual(['risk.hub'])
    expect(codes(down, [{ ...viewer, to: 'shell' }])).toEqual(['risk.shell'])
  })

  it('is, for a hub in a container, what leads to it', () => {
    const hub = recordsOf(host, 'container').find(({ attachments }) => attachments.some(({ ip }) => ip))
    const remote = hub?.attachments.find(({ ip }) => ip)?.ip ?? ''
    const ways: Way[] = [{ to: 'hub', remote }, viewer]
    const of = (command: Command) => codes(command, ways)
    expect(of({ do: 'link.down', netns: hub?.name ?? '', link: 'eth0' })).toEqual(['risk.hub'])
    expect(of({ do: 'container.stop', container: hub?.name ?? '' })).toContain('risk.hub')
    const publish = (by: 'rules' | 'recreate'): Command => ({
      ...{ do: 'port.publish', container: hub?.name ?? '', publish: '8099:99', by },
    })
    expect(of(publish('recreate'))).toContain('risk.hub')
    expect(of(publish('rules'))).toEqual([])
    expect(of({ do: 'sysctl.set', netns: 'root', key: 'ip_forward', value: 0 })).toEqual(['risk.viewer'])
    expect(of({ do: 'link.down', ...at })).toEqual(['risk.viewer'])
  })

  it('is said in words', () => {
    const [risk] = risksOf({ do: 'link.down', ...at }, host, [far])
    expect(risk && say(risk)).toBe(`The agent may lose the hub at 203.0.113.9: its way there goes over ${nic.name}.`)
    expect(risk && say(risk, 'zh-CN')).toContain('203.0.113.9')
  })
})
