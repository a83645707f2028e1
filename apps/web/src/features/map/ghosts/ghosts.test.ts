import { expectedAfter } from '@hopscope/command'
import { type HostSnapshot, recordsOf } from '@hopscope/model'
import type { Command } from '@hopscope/protocol'
import { generateHost } from '@hopscope/testkit'
import { compareStates, deriveTopology } from '@hopscope/topology'
import { describe, expect, it } from 'vitest'
import { applyFilters } from '../filters.ts'
import { foldMap, START_FOLDS } from '../fold.ts'
import { createPlacer } from '../positions.ts'
import { buildScene } from '../scene.ts'
import { ghostsOf, imagined } from './ghosts.ts'

const small = generateHost({ containers: 14, handMade: 2, sandbox: 'demo' })
const large = generateHost({ containers: 150, handMade: 2, sandbox: 'demo' })
const facts = new Map()

function drawn(host: HostSnapshot) {
  const whole = deriveTopology([host])
  const placer = createPlacer()
  const { topology, folded } = foldMap(whole, START_FOLDS, [])
  const layout = placer.place(topology)
  return { whole, placer, folded, scene: buildScene(applyFilters(topology, new Set()).topology, layout, facts) }
}

/** Labels of what the command would make of the map, when nothing of what is drawn is touched by asking. */
function ghosts(host: HostSnapshot, command: Command) {
  const { whole, placer, folded, scene } = drawn(host)
  const places = JSON.stringify(placer.places())
  const expected = expectedAfter(command, host)
  if (!expected) return undefined
  const comparison = compareStates(host, expected)
  const after = imagined(whole, comparison, { scene, folded, filters: new Set(), place: placer.imagine })
  const found = ghostsOf(scene, { ...after, comparison, facts })
  expect(JSON.stringify(placer.places())).toBe(places)
  const labels = (nodes: { node: { kind: string; label: string } }[]) =>
    nodes.map(({ node }) => `${node.kind} ${node.label}`)
  const stays = [...scene.nodes.values()].filter(
    ({ node }) => !found?.leave.nodes.some((gone) => gone.node.id === node.id),
  )
  const elsewhere = stays.filter(({ node, rect }) => {
    const at = after.layout.nodes.get(node.id)
    return BOXES.has(node.kind) && at && (at.x !== rect.x || at.y !== rect.y)
  })
  expect(labels(elsewhere), 'what stays keeps its place').toEqual([])
  return (
    found && {
      appear: labels(found.appear.nodes),
      lines: found.appear.edges.map(({ edge }) => edge.kind).sort(),
      change: labels(found.change),
      leave: labels(found.leave.nodes),
    }
  )
}
const BOXES = new Set(['box', 'nic', 'tunnel'])

describe('ghosts', () => {
  it('are what comes, with its lines', () => {
    expect(ghosts(small, { do: 'bridge.create', netns: 'root', name: 'br9' })).toEqual({
      appear: ['bridge br9'],
      lines: [],
      change: [],
      leave: [],
    })
    const run = { do: 'container.create', name: 'fresh', image: 'busybox', network: 'bridge' } as const
    const found = ghosts(small, { ...run, publish: ['18080:80'] })
    expect(found?.appear.sort()).toEqual(['box fresh', 'entrance 18080 → fresh:80/tcp', 'interface eth0', 'port veth…'])
    expect(found?.lines).toEqual(expect.arrayContaining(['bridge-port', 'publish', 'veth']))
    expect(found?.leave).toEqual([])
  })

  it('are the door of a port that is published, with its line to the container', () => {
    const made = {
      imageId: 'sha256:web',
      options: [],
      args: [],
      imageLabels: [],
      environment: false,
      powers: [],
      others: [],
    }
    const [web] = recordsOf(small, 'container').filter(({ name }) => name === 'web')
    if (!web) throw new Error('the host has a container web')
    const host = {
      ...small,
      records: { ...small.records, container: { ...small.records.container, [web.id]: { ...web, made } } },
    }
    for (const by of ['rules', 'recreate'] as const) {
      const found = ghosts(host, { do: 'port.publish', container: 'web', publish: '18080:81', by })
      expect(found?.appear, by).toContain('entrance 18080 → web:81/tcp')
      expect(found?.lines.filter((kind) => kind === 'publish').length, by).toBeGreaterThan(0)
      expect(found?.leave, by).not.toContain('box web')
    }
  })

  it('stand beside what is folded', () => {
    expect(drawn(large).folded.size).toBeGreaterThan(0)
    const run = { do: 'container.create', name: 'fresh', image: 'busybox', network: 'bridge' } as const
    expect(ghosts(large, run)?.appear).toEqual(expect.arrayContaining(['box fresh', 'interface eth0', 'port veth…']))
  })

  it('are what goes, and what looks different', () => {
    const gone = ghosts(small, { do: 'container.remove', container: 'web' })
    expect(gone?.leave).toEqual(expect.arrayContaining(['box web', 'interface eth0']))
    expect(gone?.appear).toEqual([])
    const off = ghosts(small, { do: 'link.down', netns: 'root', link: 'docker0' })
    expect(off?.change.join()).toContain('docker0')
    expect(off?.leave.filter((label) => !label.startsWith('box'))).toEqual([])
  })

  it('show a box that moves where it is and where it will be', () => {
    const plugged = expectedAfter({ do: 'bridge.create', netns: 'root', name: 'br9' }, small)
    if (!plugged) throw new Error('a bridge can be made')
    const pair = expectedAfter(
      { do: 'veth.create', netns: 'root', name: 'v0', peer: { netns: 'ns1', name: 'v1' } },
      plugged,
    )
    if (!pair) throw new Error('a pair can be made')
    const found = ghosts(pair, { do: 'link.attach', netns: 'root', link: 'v0', bridge: 'br9' })
    expect(found?.lines).toContain('bridge-port')
  })

  it('show a port that is plugged in, and pulled out, at both of its places', () => {
    const bridge = expectedAfter({ do: 'bridge.create', netns: 'root', name: 'br9' }, small) ?? small
    const loose = { do: 'veth.create', netns: 'root', name: 'v0', peer: { netns: 'root', name: 'v1' } } as const
    const pair = expectedAfter(loose, bridge) ?? small
    const plug = { do: 'link.attach', netns: 'root', link: 'v0', bridge: 'br9' } as const
    expect(ghosts(pair, plug)).toMatchObject({ appear: ['port v0'], leave: ['port v0'] })
    const plugged = expectedAfter(plug, pair) ?? small
    const pulled = ghosts(plugged, { do: 'link.detach', netns: 'root', link: 'v0' })
    expect(pulled).toMatchObject({ appear: ['port v0'], leave: ['port v0'] })
  })

  it('are none where no map changes', () => {
    expect(ghosts(small, { do: 'link.mtu', netns: 'root', link: 'docker0', mtu: 1400 })).toBeUndefined()
  })
})
