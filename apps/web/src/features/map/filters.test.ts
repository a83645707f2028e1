import { generateHost } from '@hopscope/testkit'
import { deriveTopology } from '@hopscope/topology'
import { describe, expect, it } from 'vitest'
import { applyFilters, FILTERS, type Filter } from './filters.ts'

const topology = deriveTopology([generateHost({ containers: 120, handMade: 2 })])
const kindsLeft = (filter: Filter, kind: string) =>
  applyFilters(topology, new Set([filter])).topology.nodes.filter((n) => n.kind === kind)

describe('applyFilters', () => {
  it('changes nothing without filters', () => {
    expect(applyFilters(topology, new Set())).toEqual({ topology, hidden: 0 })
  })

  it('hides stopped containers and counts them, not their parts', () => {
    const stopped = topology.nodes.filter((n) => ['box', 'resident'].includes(n.kind) && n.state === 'down')
    expect(stopped.length).toBeGreaterThan(0)
    const { topology: left, hidden } = applyFilters(topology, new Set(['stopped']))
    expect(hidden).toBe(stopped.length)
    expect(left.nodes.filter((n) => n.kind === 'box').every((n) => n.state !== 'down')).toBe(true)
  })

  it('hides every published port', () => {
    expect(topology.nodes.some((n) => n.kind === 'entrance')).toBe(true)
    expect(kindsLeft('entrances', 'entrance')).toEqual([])
  })

  it.each(FILTERS)('%s leaves no line without its ends and no part without its box', (filter) => {
    const { topology: left } = applyFilters(topology, new Set([filter]))
    const ids = new Set(left.nodes.map((n) => n.id))
    for (const e of left.edges) expect(ids.has(e.source) && ids.has(e.target), e.id).toBe(true)
    for (const n of left.nodes) if (n.parent !== undefined) expect(ids, n.id).toContain(n.parent)
  })

  it('hides the port of a hidden box', () => {
    const box = topology.nodes.find((n) => n.kind === 'box' && n.label === 'web')
    const down = { ...topology, nodes: topology.nodes.map((n) => (n === box ? { ...n, state: 'down' as const } : n)) }
    const inside = topology.nodes.filter((n) => n.parent === box?.id).map((n) => n.id)
    const ports = topology.edges.filter((e) => e.kind === 'veth' && inside.includes(e.target)).map((e) => e.source)
    expect(ports.length).toBeGreaterThan(0)
    const left = applyFilters(down, new Set(['stopped'])).topology.nodes.map((n) => n.id)
    for (const port of ports) expect(left).not.toContain(port)
  })
})
