import { generateHost } from '@hopscope/testkit'
import { deriveTopology } from '@hopscope/topology'
import { describe, expect, it } from 'vitest'
import { buildTree, type TreeItem } from './buildTree.ts'
import { findTyped, pathTo, visibleRows } from './rows.ts'

const topology = deriveTopology([
  generateHost({
    containers: 40,
    seed: 3,
    id: 'a',
    name: 'alpha',
    sandbox: 'x',
    address: 10,
    handMade: 2,
    processes: 2,
  }),
  generateHost({ containers: 5, seed: 4, id: 'b', name: 'beta', sandbox: 'x', address: 11 }),
])
const tree = buildTree(topology)
const flat = (items: TreeItem[]): TreeItem[] => items.flatMap((i) => [i, ...flat(i.children)])

describe('tree', () => {
  it('[T1] holds every node of the map exactly once', () => {
    const ids = flat(tree).map((i) => i.node.id)
    expect([...ids].sort()).toEqual(topology.nodes.map((n) => n.id).sort())
  })
  it('[T2] leads from a bridge over its port to the box and its interface', () => {
    const bridge = flat(tree).find((i) => i.node.label === 'docker0' && i.node.hostId === 'a')
    const port = bridge?.children.find((i) => i.node.kind === 'port' && i.children.length)
    const box = port?.children[0]
    expect(box?.node.kind).toBe('box')
    expect(box?.node.rack).toBe(bridge?.node.id)
    expect(box?.children.map((i) => i.node.label)).toContain('eth0')
  })
  it('[T3] names the other end of every veth at both ends', () => {
    for (const e of topology.edges.filter((e) => e.kind === 'veth')) {
      const at = (id: string) => flat(tree).find((i) => i.node.id === id)
      expect(at(e.source)?.other?.id).toBe(e.target)
      expect(at(e.target)?.other?.id).toBe(e.source)
    }
  })
  it('[T4] hides what is inside of closed items and says where each row stands', () => {
    const host = tree[0]
    const all = visibleRows(tree, new Set())
    expect(all).toHaveLength(topology.nodes.length)
    const rows = visibleRows(tree, new Set([host?.node.id ?? '']))
    expect(rows.length).toBe(all.length - flat(host?.children ?? []).length)
    expect(rows[1]).toMatchObject({ level: 1, position: 2, siblings: tree.length, parent: -1 })
  })
  it('[T5] finds the way to a record and names by their first letters', () => {
    const box = flat(tree).find((i) => i.node.kind === 'box' && i.node.refs[0]?.kind === 'container')
    const ref = box?.node.refs[0]
    expect(ref && pathTo(tree, ref).at(-1)).toBe(box?.node.id)
    const rows = visibleRows(tree, new Set())
    const at = findTyped(rows, 0, 'dock')
    expect(rows[at]?.item.node.label).toMatch(/^dock/)
    expect(findTyped(rows, at, 'docker')).toBe(at)
    expect(findTyped(rows, 0, 'nothing is called so')).toBe(-1)
  })
})
