import type { HostSnapshot } from '@hopscope/model'
import { generateHost, onlyContainers } from '@hopscope/testkit'
import { recordedHost } from '@hopscope/testkit/recorded'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deriveTopology } from './derive.ts'
import { foldPlan } from './fold.ts'
import { compact, emptySticky, layoutRack } from './layout.ts'
import type { Layout, Placed, Topology } from './topology.ts'

const hosts: Record<string, HostSnapshot[]> = {
  empty: [generateHost({ containers: 0 })],
  one: [generateHost({ containers: 1 })],
  three: [generateHost({ containers: 3, neighbours: [11] })],
  lab: [generateHost({ containers: 46, neighbours: [11], handMade: 5 })],
  large: [generateHost({ containers: 300, seed: 8, neighbours: [11, 12] })],
  recorded: [recordedHost()],
  'recorded 46': [recordedHost(46)],
  networks: [generateHost({ containers: 120, bridges: 90 })],
  two: [
    generateHost({ containers: 24, id: 'a', sandbox: 's', bootId: 'b', address: 11, neighbours: [12] }),
    generateHost({ containers: 5, seed: 2, id: 'b', sandbox: 's', bootId: 'b', address: 12, neighbours: [11] }),
  ],
}

describe('layoutRack', () => {
  for (const [name, list] of Object.entries(hosts)) {
    const t = deriveTopology(list)
    const folded = foldPlan(t, { maxElements: 400, opened: new Set(), keep: new Set() }).topology

    it(`${name}: places every node within the bounds, none over another`, () => {
      for (const topology of [t, folded]) {
        const { layout } = layoutRack(topology)
        expect([...layout.nodes.keys()].sort()).toEqual(topology.nodes.map((n) => n.id).sort())
        expectNoOverlap(topology, layout)
        for (const p of layout.nodes.values()) expect(within(p, asPlaced(layout.bounds))).toBe(true)
      }
    })

    it(`${name}: draws children inside of their parents`, () => {
      const { layout } = layoutRack(t)
      for (const n of t.nodes) {
        const parent = t.nodes.find((p) => p.id === n.parent)
        if (!parent || n.kind === 'entrance') continue
        expect(within(at(layout, n.id), at(layout, parent.id)), `${n.id} in ${parent.id}`).toBe(true)
      }
    })
  }

  it('gives the same layout for the same input, and again from its own sticky state', () => {
    const t = deriveTopology(hosts.lab ?? [])
    const first = layoutRack(t)
    expect(layoutRack(t)).toEqual(first)
    // Saved per user as JSON and read back.
    expect(layoutRack(t, JSON.parse(JSON.stringify(first.sticky)))).toEqual(first)
  })

  it('has a shape that fits a screen at every size', () => {
    for (const containers of [3, 5, 12, 46, 120, 300]) {
      const { bounds } = layoutRack(deriveTopology([generateHost({ containers })])).layout
      expect(bounds.w / bounds.h).toBeGreaterThan(1.2)
      // A small one is read at full size: it need not fill the window.
      expect(bounds.w / bounds.h).toBeLessThan(containers < 12 ? 3.2 : containers < 40 ? 3 : 2.6)
    }
  })

  it('moves no box that stays, whatever comes and goes', () => {
    const full = generateHost({ containers: 70, seed: 5, neighbours: [11] })
    const ids = Object.keys(full.records.container)
    fc.assert(
      fc.property(fc.array(fc.nat(ids.length - 1), { minLength: 100, maxLength: 100 }), fc.nat(30), (steps, start) => {
        const present = new Set(ids.slice(0, start + 5))
        let before = layoutRack(deriveTopology([onlyContainers(full, present)]))
        for (const step of steps) {
          const id = ids[step] ?? ''
          if (!present.delete(id)) present.add(id)
          const t = deriveTopology([onlyContainers(full, present)])
          const after = layoutRack(t, before.sticky)
          expectStill(t, before.layout, after.layout)
          before = after
        }
      }),
      { numRuns: 5 },
    )
  })

  describe('doors', () => {
    const full = published(generateHost({ containers: 40, seed: 5, id: 'a', bootId: 'a', neighbours: [11] }))
    const below = generateHost({ containers: 8, seed: 2, id: 'b', bootId: 'b', address: 12 })
    const ids = Object.keys(full.records.container)
    /** How the host looks with these of its containers, and so many ends of cables that are on their way elsewhere. */
    const look = (present: ReadonlySet<string>, passing: number, others: HostSnapshot[]): Topology => {
      const t = deriveTopology([onlyContainers(full, present), ...others])
      const ends = Array.from({ length: passing }, (_, i) => looseEnd(`a/passing${i}`))
      return { ...t, nodes: [...t.nodes, ...ends] }
    }
    const columnsOf = ({ sticky }: ReturnType<typeof layoutRack>) =>
      Math.max(...Object.values(sticky.hosts).map(({ left }) => left?.columns.length ?? 0))
    const doors = (t: Topology) => t.nodes.filter(({ kind }) => kind === 'entrance')

    for (const [name, others] of [['alone', []] as const, ['above another host', [below]] as const])
      it(`stay, ${name}, whatever comes, goes and passes by; the columns do not grow for ever`, () => {
        expect(doors(look(new Set(ids), 0, [])).length).toBeGreaterThan(12)
        const most = layoutRack(look(new Set(ids), 12, [...others]))
        const step = fc.record({ id: fc.constantFrom(...ids), passing: fc.nat(12) })
        fc.assert(
          fc.property(fc.array(step, { minLength: 30, maxLength: 30 }), fc.nat(35), (steps, start) => {
            const present = new Set(ids.slice(0, start + 5))
            let before = layoutRack(look(present, 0, [...others]))
            for (const { id, passing } of steps) {
              if (!present.delete(id)) present.add(id)
              const t = look(present, passing, [...others])
              const after = layoutRack(t, before.sticky)
              for (const door of doors(t))
                expect(at(after.layout, door.id)).toEqual(before.layout.nodes.get(door.id) ?? at(after.layout, door.id))
              expectNoOverlap(t, after.layout)
              before = after
            }
            expect(before.layout.bounds.h).toBeLessThan(2 * most.layout.bounds.h)
            expect(columnsOf(before)).toBeLessThanOrEqual(2 * columnsOf(most))
            expect(crossings(look(present, 0, [...others]), before.layout)).toEqual([])
          }),
          { numRuns: 4 },
        )
      })

    it('are arranged anew at the start of a visit, when many have gone', () => {
      const whole = look(new Set(ids), 0, [])
      const kept = layoutRack(whole).sticky
      expect(compact(kept, whole)).toEqual(kept)
      const rest = look(new Set(ids.slice(32)), 0, [])
      const last = doors(rest).at(-1)?.id ?? ''
      const holes = layoutRack(rest, kept)
      expect(at(holes.layout, last)).toEqual(at(layoutRack(whole).layout, last))
      const visit = layoutRack(rest, compact(holes.sticky, rest))
      expect(at(visit.layout, last).y).toBeLessThan(at(holes.layout, last).y)
    })
  })

  it('keeps a host in its place while the one above it grows by a bay', () => {
    const [a, b] = hosts.two ?? []
    if (!a || !b) throw new Error('two hosts are listed above')
    const ids = Object.keys(a.records.container)
    const none = Object.values(a.records.container).find((c) => c.networkMode === 'none')
    const few = ids.filter((id) => id !== none?.id).slice(0, 18)
    const handMade = new Set(
      Object.values(a.records.netns)
        .filter((n) => !n.root && n.names[0]?.by !== 'docker')
        .map((n) => n.id),
    )
    const start = without(onlyContainers(a, new Set(few)), handMade)
    const before = layoutRack(deriveTopology([start, b]))
    const grown = deriveTopology([without(onlyContainers(a, new Set([...few, none?.id ?? ''])), handMade), b])
    const after = layoutRack(grown, before.sticky)
    expect(grown.nodes.some((n) => n.bay === 'none')).toBe(true)
    expectStill(grown, before.layout, after.layout)
    expectNoOverlap(grown, after.layout)
  })

  it('forgets a host that is gone, and gives its place to one that comes', () => {
    const both = deriveTopology(hosts.two ?? [])
    const first = layoutRack(both)
    const alone = layoutRack(deriveTopology((hosts.two ?? []).slice(1)), first.sticky)
    expect(Object.keys(alone.sticky.hosts)).toEqual(['b'])
    const again = layoutRack(both, alone.sticky)
    expectNoOverlap(both, again.layout)
    expectStill(deriveTopology((hosts.two ?? []).slice(1)), alone.layout, again.layout)
    expect(at(again.layout, 'a/host').y).toBe(at(first.layout, 'a/host').y)
  })

  it('gives the places of racks that are gone to new ones: the frame does not grow for ever', () => {
    const full = generateHost({ containers: 60, bridges: 24, seed: 9 })
    const ids = Object.keys(full.records.container)
    const largest = layoutRack(deriveTopology([full])).layout.bounds
    let last = layoutRack(deriveTopology([networks(full, 0, 4, ids)]))
    for (let round = 1; round < 40; round++) {
      const t = deriveTopology([networks(full, round * 3, 4, ids)])
      const next = layoutRack(t, last.sticky)
      expectStill(t, last.layout, next.layout)
      expectNoOverlap(t, next.layout)
      last = next
    }
    const { bounds } = last.layout
    expect(bounds.w * bounds.h).toBeLessThan(largest.w * largest.h)
  })

  it('closes holes at the start of a visit, and only when there are many', () => {
    const full = generateHost({ containers: 90, seed: 6 })
    const ids = Object.keys(full.records.container)
    const t = deriveTopology([full])
    const kept = layoutRack(t).sticky
    expect(compact(kept, t)).toEqual(kept)
    const few = deriveTopology([onlyContainers(full, new Set(ids.slice(80)))])
    const holes = layoutRack(few, kept).sticky
    expect(layoutRack(few, compact(holes, few))).toEqual(layoutRack(few))
  })

  it('fills a window: three hosts are not a column, and a host without containers is small', () => {
    const small = generateHost({ containers: 0, id: 'c', address: 13 })
    const t = deriveTopology([small, ...(hosts.two ?? [])])
    const { layout } = layoutRack(t)
    const { w, h } = layout.bounds
    expect(w / h).toBeGreaterThan(1.4)
    expect(w / h).toBeLessThan(2.6)
    const frame = at(layout, 'c/host')
    expect(frame.w).toBeLessThan(700)
    expect(frame.h).toBeLessThan(260)
    const folded = at(layout, 'a/host')
    expect(at(layout, 'a/stack').y + at(layout, 'a/stack').h / 2).toBeLessThan(folded.y + folded.h / 2)
  })

  for (const [name, list] of Object.entries(hosts))
    it(`${name}: runs no line through a box or a bar`, () => {
      const t = deriveTopology(list)
      const { layout } = layoutRack(t)
      expect(crossings(t, layout)).toEqual([])
    })

  it('places no two over another after many changes', () => {
    const full = generateHost({ containers: 90, seed: 6, neighbours: [11] })
    const ids = Object.keys(full.records.container)
    let sticky = emptySticky()
    for (const count of [4, 30, 12, 90, 50, 88]) {
      const t = deriveTopology([onlyContainers(full, new Set(ids.slice(count % 7, count)))])
      const next = layoutRack(t, sticky)
      sticky = next.sticky
      expectNoOverlap(t, next.layout)
    }
  })
})

/** The host with a port of every second running container published. */
function published(host: HostSnapshot): HostSnapshot {
  const container = Object.entries(host.records.container).map(([id, one], i) => {
    const port = { containerPort: 80, protocol: 'tcp', hostIp: '0.0.0.0', hostPort: 20_000 + i }
    return [id, i % 2 === 0 && one.state === 'running' ? { ...one, ports: [port] } : one] as const
  })
  return { ...host, records: { ...host.records, container: Object.fromEntries(container) } }
}

/** An end of a veth in the host that is plugged in nowhere. */
const looseEnd = (id: string): Topology['nodes'][number] => ({
  id,
  kind: 'interface',
  hostId: 'a',
  parent: 'a/host',
  label: 'veth1234567',
  state: 'up',
  badges: [],
  refs: [],
})

/** The host with `count` of its user-made bridges, from the n-th on, and the containers that hang there. */
function networks(host: HostSnapshot, from: number, count: number, ids: readonly string[]): HostSnapshot {
  const bridges = Object.values(host.records.link).filter(
    (l) => l.info.kind === 'bridge' && l.netns === host.host.rootNetns,
  )
  const stay = new Set(Array.from({ length: count }, (_, i) => bridges[(from + i) % bridges.length]?.id))
  const gone = new Set(bridges.filter((l) => !stay.has(l.id)).map((l) => l.id))
  const t = deriveTopology([host])
  const standing = new Set(
    t.nodes.flatMap((n) => (n.rack && gone.has(n.rack.slice(n.rack.indexOf('/') + 1)) ? n.refs.map((r) => r.id) : [])),
  )
  const rest = onlyContainers(host, new Set(ids.filter((id) => !standing.has(id))))
  const link = Object.fromEntries(Object.entries(rest.records.link).filter(([id]) => !gone.has(id)))
  return { ...rest, records: { ...rest.records, link } }
}

/** Lines that run through something that is not one of their ends; ports sit on lines, interfaces inside of boxes. */
function crossings(t: Topology, layout: Layout): string[] {
  const solid = t.nodes.filter(
    (n) =>
      !['host', 'bay', 'port', 'interface', 'stack'].includes(n.kind) ||
      (n.kind === 'interface' && n.parent === undefined),
  )
  const found: string[] = []
  for (const e of t.edges) {
    const points = layout.bends.get(e.id)
    if (e.secondary || !points) continue
    const [from, to] = [at(layout, e.source), at(layout, e.target)]
    const ends = new Set([
      e.source,
      e.target,
      ...t.nodes.filter((n) => n.id === e.source || n.id === e.target).map((n) => n.parent),
    ])
    const route = [
      ...(inner(from, points[0]) ? [] : [points[0] && { x: from.x, y: from.y }]),
      ...points,
      { x: to.x, y: to.y },
    ]
    for (let i = 1; i < route.length; i++) {
      const [a, b] = [route[i - 1], route[i]]
      if (!a || !b) continue
      for (const n of solid)
        if (!ends.has(n.id) && cuts(a, b, at(layout, n.id)))
          found.push(`${e.kind} ${e.source} – ${e.target} through ${n.kind} ${n.label}`)
    }
  }
  return [...new Set(found)]
}

const inner = (r: Placed, p: { x: number; y: number } | undefined): boolean =>
  p !== undefined && Math.abs(p.x - r.x) <= r.w / 2 + 0.01 && Math.abs(p.y - r.y) <= r.h / 2 + 0.01

const cuts = (a: { x: number; y: number }, b: { x: number; y: number }, r: Placed): boolean =>
  Math.min(a.x, b.x) < r.x + r.w / 2 - 1 &&
  Math.max(a.x, b.x) > r.x - r.w / 2 + 1 &&
  Math.min(a.y, b.y) < r.y + r.h / 2 - 1 &&
  Math.max(a.y, b.y) > r.y - r.h / 2 + 1

/** The host without these namespaces and their links. */
function without(host: HostSnapshot, gone: ReadonlySet<string>): HostSnapshot {
  const { netns, link } = host.records
  const stay = <T>(table: Readonly<Record<string, T>>, of: (r: T) => string) =>
    Object.fromEntries(Object.entries(table).filter(([, r]) => !gone.has(of(r))))
  return { ...host, records: { ...host.records, netns: stay(netns, (n) => n.id), link: stay(link, (l) => l.netns) } }
}

function expectStill(t: Topology, before: Layout, after: Layout): void {
  for (const n of t.nodes) {
    if (n.kind !== 'box') continue
    const was = before.nodes.get(n.id)
    const is = at(after, n.id)
    if (was && (was.x - was.w / 2 !== is.x - is.w / 2 || was.y - was.h / 2 !== is.y - is.h / 2))
      expect(is, n.id).toEqual(was)
  }
}

function expectNoOverlap(t: Topology, layout: Layout): void {
  const parent = new Map(t.nodes.map((n) => [n.id, n.parent]))
  const inside = (id: string, of: string): boolean => {
    const p = parent.get(id)
    return p !== undefined && (p === of || inside(p, of))
  }
  // Ports may sit on the edge of the bar that they are plugged into.
  const solid = t.nodes.filter((n) => n.kind !== 'port').map((n) => ({ id: n.id, p: at(layout, n.id) }))
  solid.sort((a, b) => a.p.x - a.p.w / 2 - (b.p.x - b.p.w / 2))
  const found: string[] = []
  for (const [i, a] of solid.entries())
    for (let j = i + 1; j < solid.length; j++) {
      const b = solid[j]
      if (!b || b.p.x - b.p.w / 2 >= a.p.x + a.p.w / 2) break
      const apart = Math.abs(a.p.y - b.p.y) * 2 >= a.p.h + b.p.h
      if (!apart && !inside(a.id, b.id) && !inside(b.id, a.id)) found.push(`${a.id} over ${b.id}`)
    }
  expect(found).toEqual([])
}

const at = (layout: Layout, id: string): Placed => {
  const p = layout.nodes.get(id)
  expect(p, id).toBeDefined()
  return p as Placed // the line above says so
}
const asPlaced = (b: Layout['bounds']): Placed => ({ x: b.x + b.w / 2, y: b.y + b.h / 2, w: b.w, h: b.h })
const within = (a: Placed, b: Placed): boolean =>
  Math.abs(a.x - b.x) * 2 <= b.w - a.w + 0.01 && Math.abs(a.y - b.y) * 2 <= b.h - a.h + 0.01
