import { recordedHost } from '@hopscope/testkit/recorded'
import { indexRefs } from '@hopscope/topology'
import { describe, expect, it } from 'vitest'
import { answer } from '../../packets/model/answer.ts'
import { paletteOf, sceneOf } from '../fixtures.ts'
import { createPassing, MOST_PASSING } from '../passing/passing.ts'
import { passingPrimitives } from '../passing/passingLayer.ts'
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

describe('packets that come by', () => {
  const { nodes, route } = followed('cache', 'worker')
  const line = { points: route.points, length: route.ends.at(-1) ?? 0 }
  const packet = (more = {}) => ({ nodes: nodes.flat(), isLost: false, after: 0, ...more })

  /** How far from the nearest part of the line. */
  function distance({ x, y }: { x: number; y: number }): number {
    const parts = line.points.slice(1).map((b, i) => {
      const a = line.points[i] ?? b
      const [dx, dy] = [b.x - a.x, b.y - a.y]
      const t = Math.max(0, Math.min(1, ((x - a.x) * dx + (y - a.y) * dy) / (dx * dx + dy * dy)))
      return Math.hypot(x - a.x - t * dx, y - a.y - t * dy)
    })
    return Math.min(...parts)
  }

  it('run along their line from its beginning to its end, each at its time, and are gone then', () => {
    const passing = createPassing(() => line)
    expect(passing.start([packet(), packet({ after: 300 })], 1_000)).toBe(0)
    expect(passing.at(1_000)).toEqual([{ ...route.points[0], isLost: false }])
    for (const now of [1_400, 1_600, 1_800]) {
      const [first, second] = passing.at(now)
      if (!first || !second) throw new Error('a dot is missing')
      for (const spot of [first, second]) expect(distance(spot)).toBeLessThan(0.01)
      expect(first).not.toEqual(second)
    }
    passing.at(9_000)
    expect(passing.running()).toBe(0)
  })

  it('leave a sign for a moment where they are lost', () => {
    const passing = createPassing(() => line)
    passing.start([packet({ isLost: true })], 0)
    const [sign] = passing.at(1_500)
    expect(sign).toMatchObject({ ...route.points.at(-1), isLost: true })
    const look = { palette: paletteOf('light'), zoom: 1 }
    expect(sign && passingPrimitives(sign, look).map(({ type }) => type)).toEqual(['circle', 'icon'])
    expect(passing.at(9_000)).toEqual([])
  })

  it('are bounded: those beyond are counted, and those of which nothing is drawn are not', () => {
    const passing = createPassing((ids) => (ids.length > 0 ? line : { points: [], length: 0 }))
    expect(passing.start([...Array(MOST_PASSING + 7).fill(packet()), packet({ nodes: [] })], 0)).toBe(7)
    expect(passing.running()).toBe(MOST_PASSING)
    expect(passing.at(100)).toHaveLength(MOST_PASSING)
  })

  it('go on along their lines where the map is arranged anew, and are gone where it lacks them', () => {
    let drawn = line
    const passing = createPassing(() => drawn)
    passing.start([packet()], 0)
    const [before] = passing.at(450)
    drawn = { ...line, points: line.points.map(({ x, y }) => ({ x: x + 50, y })) }
    passing.arrange()
    expect(passing.at(450)).toEqual([{ ...before, x: (before?.x ?? 0) + 50 }])
    drawn = { points: [], length: 0 }
    passing.arrange()
    expect(passing.running()).toBe(0)
  })
})
