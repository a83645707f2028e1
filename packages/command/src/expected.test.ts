import { type HostSnapshot, recordsOf } from '@hopscope/model'
import type { Command } from '@hopscope/protocol'
import { generateHost } from '@hopscope/testkit'
import { afterComparison, compareStates, deriveTopology, type Topology, type TopoNode } from '@hopscope/topology'
import { describe, expect, it } from 'vitest'
import { expectedAfter, planCommand } from './index.ts'

const host = generateHost({ containers: 14, handMade: 2, sandbox: 'demo' })

describe('what is shown beforehand', () => {
  it('is the same whether all of the host is derived or only what is near', () => {
    let drawn = 0
    for (const command of commandsFor(host)) {
      const expected = 'plan' in planCommand(command, host) ? expectedAfter(command, host) : undefined
      if (expected === undefined) continue
      const near = afterComparison(deriveTopology([host]), compareStates(host, expected))
      expect(seen(near), JSON.stringify(command)).toEqual(seen(deriveTopology([expected])))
      drawn++
    }
    expect(drawn).toBeGreaterThan(100)
  })

  it('leaves the snapshot alone, and is nothing for what cannot work', () => {
    const before = JSON.stringify(host)
    for (const command of commandsFor(host)) expectedAfter(command, host)
    expect(JSON.stringify(host)).toBe(before)
    expect(expectedAfter({ do: 'link.up', netns: 'root', link: 'nobody' }, host)).toBeUndefined()
    expect(expectedAfter({ do: 'container.stop', container: 'nobody' }, host)).toBeUndefined()
  })
})

/** What a person would see; lines between containers that know each other are shown only where they are looked at. */
function seen({ nodes, edges }: Topology): string[] {
  const marks = ({ badges }: TopoNode): string => JSON.stringify(badges.filter(({ kind }) => kind !== 'peer'))
  return [
    ...nodes.map((n) => [n.id, n.label, n.detail, n.state, n.parent, n.rack, marks(n)].join(' | ')),
    ...edges.filter(({ kind }) => kind !== 'link-option').map((e) => [e.id, e.state, e.secondary ?? false].join(' | ')),
  ].sort()
}

function commandsFor(snapshot: HostSnapshot): Command[] {
  const links = recordsOf(snapshot, 'link').filter(({ type }) => type !== 'loopback')
  return [
    ...links.flatMap(({ netns, name: link }): Command[] => [
      { do: 'link.up', netns, link },
      { do: 'link.down', netns, link },
      { do: 'link.delete', netns, link },
      { do: 'link.detach', netns, link },
      { do: 'link.rename', netns, link, to: 'renamed0' },
      { do: 'link.attach', netns, link, bridge: 'docker0' },
      { do: 'link.move', netns, link, to: 'ns1' },
      { do: 'link.move', netns, link, to: 'root' },
      { do: 'address.add', netns, link, address: '10.254.0.1/24' },
      { do: 'macvlan.create', netns, name: 'mv9', parent: link, mode: 'bridge' },
    ]),
    ...recordsOf(snapshot, 'container').flatMap(({ name: container }): Command[] => [
      { do: 'container.stop', container },
      { do: 'container.start', container },
      { do: 'container.remove', container },
      { do: 'network.connect', container, network: 'bridge' },
      { do: 'sysctl.set', netns: container, key: 'ip_forward', value: 1 },
      { do: 'port.publish', container, publish: '18080:80', by: 'rules' },
    ]),
    { do: 'bridge.create', netns: 'root', name: 'br9' },
    { do: 'netns.add', name: 'red' },
    { do: 'netns.delete', name: 'ns1' },
    { do: 'veth.create', netns: 'root', name: 'v0', peer: { netns: 'ns1', name: 'v1' } },
    { do: 'container.create', name: 'fresh', image: 'busybox', network: 'bridge', publish: ['18080:80'] },
    { do: 'network.create', name: 'fresh', driver: 'bridge', subnet: '10.254.0.0/24' },
  ]
}
