import { type AnyRecord, type HostSnapshot, type RecordKind, type Records, recordsOf } from '@hopscope/model'
import { generateHost, onlyContainers } from '@hopscope/testkit'
import { type Random, seeded } from '@hopscope/testkit/random'
import { describe, expect, it } from 'vitest'
import { deriveTopology } from './derive.ts'
import { createDeriver } from './deriver.ts'

describe('createDeriver', () => {
  it('gives what deriveTopology gives, whatever changes', () => {
    const random = seeded('topologies after random changes')
    let again = 0
    for (let round = 0; round < ROUNDS; round++) {
      const whole = randomHost(random)
      const deriver = createDeriver()
      let host = whole
      deriver.derive([host])
      for (let step = 0; step < STEPS; step++) {
        const [name, change] = random.pick(CHANGES)
        const many = random.below(4) === 0 ? 6 : 1
        for (let i = 0; i < many; i++) host = change(host, random, whole)
        const found = deriver.derive([host])
        expect(found, `seed ${random.seed}, round ${round}, step ${step}: ${name}`).toEqual(deriveTopology([host]))
      }
      again += deriver.again
    }
    // Otherwise this would have compared deriveTopology with itself.
    expect(again).toBeGreaterThan((ROUNDS * STEPS) / 5)
  })

  it('derives a container that comes or goes alone, and leaves everything else the same object', () => {
    const whole = generateHost({ containers: 60 })
    const plain = recordsOf(whole, 'container').filter((c) => c.name.startsWith('auth'))
    const deriver = createDeriver()
    for (const gone of plain) {
      const before = deriver.derive([whole])
      const was = deriver.again
      const less = new Set(Object.keys(whole.records.container).filter((id) => id !== gone.id))
      const after = deriver.derive([onlyContainers(whole, less)])
      if (deriver.again === was) continue
      const known = new Set<unknown>([...before.nodes, ...before.edges])
      expect([...after.nodes, ...after.edges].filter((x) => !known.has(x))).toEqual([])
    }
    expect(deriver.again).toBeGreaterThan(plain.length)
  })

  it('takes several hosts, and the one that is left', () => {
    const [a, b] = [generateHost({ containers: 8 }), generateHost({ containers: 5, seed: 2, id: 'host-2' })]
    const deriver = createDeriver()
    for (const hosts of [[a], [a, b], [b], [b, a], []]) expect(deriver.derive(hosts)).toEqual(deriveTopology(hosts))
  })
})

const ROUNDS = 12
const STEPS = 20

function randomHost(random: Random): HostSnapshot {
  const containers = 10 + random.below(40)
  return generateHost({
    containers,
    seed: random.below(1000),
    handMade: random.below(3),
    processes: random.below(3),
    ...(random.below(3) === 0 && { neighbours: [11], address: 10 }),
  })
}

/** What the host may become. `whole`: what it was at first. */
type Change = (host: HostSnapshot, random: Random, whole: HostSnapshot) => HostSnapshot
type Named = readonly [string, Change]

const CHANGES: readonly [Named, ...Named[]] = [
  ['a container goes', (host, random) => without(host, random)],
  ['a container goes', (host, random) => without(host, random)],
  ['a container comes back', (_, random, whole) => without(whole, random)],
  ['everything comes back', (_host, _random, whole) => whole],
  ['a link changes', (host, random) => edited(host, 'link', random, (l) => ({ ...l, flags: l.flags.slice(1) }))],
  [
    'a link of a bridge changes',
    (host, random) => edited(host, 'link', random, (l) => (l.port ? { ...l, port: { ...l.port, hairpin: true } } : l)),
  ],
  ['a link is unplugged', (host, random) => edited(host, 'link', random, ({ master: _, port: __, ...l }) => l)],
  ['a link is renamed', (host, random) => edited(host, 'link', random, (l) => ({ ...l, name: `${l.name}x` }))],
  ['an address changes', (host, random) => edited(host, 'address', random, (a) => ({ ...a, local: '10.9.8.7' }))],
  ['a route changes', (host, random) => edited(host, 'route', random, (r) => ({ ...r, dst: 'default', metric: 3 }))],
  ['a namespace routes', (host, random) => edited(host, 'sysctl', random, (s) => ({ ...s, ipForward: !s.ipForward }))],
  ['a network is renamed', (host, random) => edited(host, 'dockerNetwork', random, (n) => ({ ...n, name: 'other' }))],
  [
    'a container is renamed',
    (host, random) => edited(host, 'container', random, (c) => ({ ...c, name: `a-${c.name}` })),
  ],
  [
    'a container stops',
    (host, random) => edited(host, 'container', random, ({ netns: _, ...c }) => ({ ...c, state: 'exited' })),
  ],
  [
    'a container publishes',
    (host, random) => {
      const port = { containerPort: 80, protocol: 'tcp', hostIp: '', hostPort: 8000 + random.below(200) }
      return edited(host, 'container', random, (c) => ({ ...c, ports: [...c.ports, port] }))
    },
  ],
  [
    'a container shares',
    (host, random) => {
      const other = random.pick(recordsOf(host, 'container'))
      return edited(host, 'container', random, (c) => ({ ...c, networkMode: `container:${other?.name}` }))
    },
  ],
  ['a record is late', (host, random) => removed(host, random.pick(LATE), random)],
]

const LATE: readonly [RecordKind, ...RecordKind[]] = [
  'link',
  'address',
  'netns',
  'container',
  'route',
  'dockerNetwork',
  'sysctl',
  'fdb',
]

function without(host: HostSnapshot, random: Random): HostSnapshot {
  const ids = Object.keys(host.records.container)
  const gone = random.pick(ids)
  return onlyContainers(host, new Set(ids.filter((id) => id !== gone)))
}

function edited<K extends RecordKind>(
  host: HostSnapshot,
  kind: K,
  random: Random,
  edit: (record: Records[K][string]) => AnyRecord,
): HostSnapshot {
  const table = host.records[kind] as Record<string, Records[K][string]> // the table of a kind has that kind's records
  const id = random.pick(Object.keys(table))
  const record = id === undefined ? undefined : table[id]
  if (id === undefined || !record) return host
  return { ...host, records: { ...host.records, [kind]: { ...table, [id]: edit(record) } } }
}

function removed(host: HostSnapshot, kind: RecordKind, random: Random): HostSnapshot {
  const gone = random.pick(Object.keys(host.records[kind]))
  const left = Object.entries(host.records[kind]).filter(([id]) => id !== gone)
  return { ...host, records: { ...host.records, [kind]: Object.fromEntries(left) } }
}
