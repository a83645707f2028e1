import { recordedHost } from '@hopscope/testkit/recorded'
import { indexRefs } from '@hopscope/topology'
import { describe, expect, it } from 'vitest'
import { answer } from '../../packets/model/answer.ts'
import { paletteOf, sceneOf } from '../fixtures.ts'
import { dotPrimitives, upTo, wayPrimitives } from './wayLine.ts'
import { wayNodes } from './wayNodes.ts'
import { wayRoute } from './wayRoute.ts'
import { createWayRun } from './wayRun.ts'

const host = recordedHost(46)
const { scene, topology } = sceneOf([host])
const nodeOf = indexRefs(topology, [host])

function followed(from: string, to: string, port = '') {
  const answered = answer({ from, to, protocol: port === '' ? 'icmp' : 'tcp', port }, host)
  if (answered.kind === 'wrong') throw new Error(answered.wrong.code)
  const hops = answered.prediction.forward.hops
  const find = (ref: Parameters<typeof nodeOf>[0]) => nodeOf(ref, host.records[ref.kind][ref.id])
  const nodes = wayNodes(hops, { hostId: host.host.id, nodeOf: find, topology })
  return { hops, nodes, route: wayRoute(scene, nodes) }
}
const label = (id: string | undefined) => (id === undefined ? undefined : scene.nodes.get(id)?.node.label)

describe('the line of a packet through the picture', () => {
  it('leads from one container over its cable, the bridge and the other cable to the other one', () => {
    const { route, hops, nodes } = followed('cache', 'worker')
    const kinds = nodes.flat().map((id) => scene.nodes.get(id)?.node.kind)
    expect(kinds.filter((kind, i) => kind !== kinds[i - 1])).toEqual([
      ...['box', 'interface', 'port', 'bridge', 'port', 'interface', 'box'],
    ])
    expect(label(route.here[0])).toBe('cache')
    expect(label(route.here.at(-1))).toBe('worker')
    expect(route.here).toHaveLength(hops.length)
    const cables = [...route.edges].map((id) => scene.edges.get(id)?.edge.kind)
    expect(cables).toEqual(['veth', 'bridge-port', 'bridge-port', 'veth'])
  })

  it('begins outside of the host, and goes by its NIC and its IP stack', () => {
    const { route } = followed('outside', '192.168.66.11', '8080')
    const kinds = [...route.nodes].map((id) => scene.nodes.get(id)?.node.kind)
    expect(kinds.slice(0, 4)).toEqual(['segment', 'nic', 'stack', 'bridge'])
    expect(kinds).toContain('box')
  })

  it('never goes back, and every hop is where its node is drawn', () => {
    for (const { route } of [
      followed('cache', 'worker'),
      followed('host', '172.17.0.2'),
      followed('cache', '8.8.8.8'),
    ]) {
      expect(route.ends.toSorted((a, b) => a - b)).toEqual(route.ends)
      for (const [i, id] of route.here.entries()) {
        const rect = id === undefined ? undefined : scene.nodes.get(id)?.rect
        const at = upTo(route.points, route.ends[i] ?? 0).at(-1)
        if (!rect || !at) throw new Error(`hop ${i} is nowhere`)
        expect(Math.abs(at.x - rect.x)).toBeLessThanOrEqual(rect.w / 2 + 0.01)
        expect(Math.abs(at.y - rect.y)).toBeLessThanOrEqual(rect.h / 2 + 0.01)
      }
    }
  })

  it('skips what is not drawn, and is nothing where nothing is', () => {
    const { nodes } = followed('cache', 'worker')
    expect(wayRoute({ ...scene, nodes: new Map(), edges: new Map() }, nodes)).toMatchObject({
      points: [],
      edges: new Set(),
    })
    const without = new Map([...scene.nodes].filter(([, { node }]) => node.kind !== 'port'))
    expect(wayRoute({ ...scene, nodes: without, edges: new Map() }, nodes).points.length).toBeGreaterThan(3)
  })
})

describe('the dot', () => {
  const { route } = followed('cache', 'worker')
  const solid = route.ends.map(() => true)
  const way = (at: number | undefined, serial: number) => ({ route, solid, at, serial, key: 'a' })
  const last = route.ends.length - 1

  it('runs to the hop that is looked at, then rests and has nothing painted', () => {
    const run = createWayRun(() => false)
    run.start(way(undefined, 1), 0)
    expect([run.length(), run.isMoving()]).toEqual([undefined, false])
    run.start(way(last, 2), 1000)
    expect([run.length(), run.isMoving()]).toEqual([0, true])
    const painted = run.advance(1100, 1)
    expect(painted && painted.right > painted.left).toBe(true)
    expect(run.length()).toBeGreaterThan(0)
    run.advance(9000, 1)
    expect([run.length(), run.isMoving()]).toEqual([route.ends[last], false])
    expect(run.advance(9100, 1)).toBeUndefined()
  })

  it('does not move for whoever wants nothing to, nor when only the map was arranged anew', () => {
    const still = createWayRun(() => true)
    still.start(way(last, 1), 0)
    expect([still.length(), still.isMoving()]).toEqual([route.ends[last], false])
    const run = createWayRun(() => false)
    run.start(way(last, 1), 0)
    run.advance(9000, 1)
    const longer = { ...route, ends: route.ends.map((end) => end + 10) }
    run.start({ ...way(last, 1), route: longer }, 10_000)
    expect([run.length(), run.isMoving()]).toEqual([longer.ends[last], false])
  })

  it('is drawn over the line, which is stronger up to it', () => {
    const [length, look] = [(route.ends[last] ?? 0) / 2, { palette: paletteOf('light'), zoom: 1 }]
    expect(wayPrimitives(way(last, 1), length, look).map(({ type }) => type)).toEqual(['path', 'path', 'path'])
    expect(dotPrimitives(way(last, 1), length, look).map(({ type }) => type)).toEqual(['circle', 'circle', 'circle'])
    expect(dotPrimitives(way(undefined, 1), undefined, look)).toHaveLength(2)
  })

  it('is solid where the kernel told of the packet and dashed elsewhere, in one line without a gap', () => {
    const look = { palette: paletteOf('light'), zoom: 1 }
    const half = route.ends.map((_, i) => i % 2 === 0)
    const drawn = wayPrimitives({ ...way(undefined, 1), solid: half }, undefined, look).slice(1)
    const pieces = drawn.flatMap((one) => (one.type === 'path' ? [one] : []))
    expect(new Set(pieces.map(({ dash }) => dash !== undefined))).toEqual(new Set([true, false]))
    expect(pieces[0]?.points[0]).toEqual(route.points[0])
    for (const [i, { points }] of pieces.entries()) {
      const next = pieces[i + 1]
      const [end, begin] = [points.at(-1), next ? next.points[0] : route.points.at(-1)]
      expect(Math.hypot((end?.x ?? 0) - (begin?.x ?? 1), (end?.y ?? 0) - (begin?.y ?? 1))).toBeLessThan(0.01)
      if (next) expect(next.dash === undefined).not.toBe(pieces[i]?.dash === undefined)
    }
  })

  it('runs beside what was seen, with a sign where both differ first', () => {
    const look = { palette: paletteOf('light'), zoom: 1 }
    const predicted = { ...way(undefined, 1), solid: route.ends.map(() => false) }
    const spot = route.points[1] ?? { x: 0, y: 0 }
    const proven = { ...predicted, beside: { route, solid }, difference: spot }
    const dashes = wayPrimitives(proven, undefined, look).map((one) => one.type === 'path' && one.dash !== undefined)
    expect(dashes).toEqual([false, false, true, false])
    expect(dotPrimitives(proven, undefined, look).map(({ type }) => type)).toEqual([
      ...['circle', 'circle', 'path', 'circle', 'icon'],
    ])
  })
})
