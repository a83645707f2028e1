import { generateHost } from '@hopscope/testkit'
import { deriveTopology } from '@hopscope/topology'
import { describe, expect, it } from 'vitest'
import { indexTopology, relationsOf } from './relations.ts'

const topology = deriveTopology([generateHost({ containers: 46 })])
const index = indexTopology(topology)
const kinds = (id: string): string[] =>
  [...relationsOf(index, id).nodes].map((n) => index.nodes.get(n)?.kind ?? '?').sort()
const veth = topology.edges.find((e) => e.kind === 'veth' && index.nodes.get(e.source)?.kind === 'port')
if (!veth) throw new Error('the host has no veth')

describe('relationsOf', () => {
  it('joins an interface with its veth, port, bridge and box', () => {
    expect(kinds(veth.target)).toEqual(['box', 'bridge', 'interface', 'port'])
    expect(relationsOf(index, veth.target).edges).toContain(veth.id)
  })

  it('gives the same path from either end, and from the line itself', () => {
    const fromInside = relationsOf(index, veth.target).nodes
    expect(new Set(relationsOf(index, veth.source).nodes)).toEqual(fromInside)
    expect(new Set(relationsOf(index, veth.id).nodes)).toEqual(fromInside)
  })

  it('joins a box with every bridge that it is attached to', () => {
    const box = topology.nodes.find((n) => n.kind === 'box' && n.badges.some((b) => b.kind === 'attachment'))
    expect(kinds(box?.id ?? '').filter((k) => k === 'bridge').length).toBeGreaterThan(1)
  })

  it('joins a bridge with all that is plugged in, and stops at the stack and at other bridges', () => {
    const docker0 = topology.nodes.find((n) => n.label === 'docker0')
    const found = kinds(docker0?.id ?? '')
    const ports = topology.edges.filter((e) => e.kind === 'bridge-port' && e.target === docker0?.id)
    expect(found.filter((k) => k === 'port').length).toBe(ports.length)
    expect(found.filter((k) => k === 'bridge').length).toBe(1)
    expect(found).toContain('stack')
    expect(found).not.toContain('nic')
  })

  it('is empty for what is not there', () => {
    expect(relationsOf(index, 'nobody')).toEqual({ nodes: new Set(), edges: new Set() })
  })
})
