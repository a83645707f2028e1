import { type Container, conntrackId, type FwTable, type HostSnapshot, RECORD_KINDS, recordsOf } from '@hopscope/model'
import { generateHost } from '@hopscope/testkit'
import { deriveTopology } from '@hopscope/topology'
import { describe, expect, it } from 'vitest'
import en from '../../../i18n/en/inspector.json'
import { contextOf } from './context.ts'
import { inspect } from './inspect.ts'
import type { Page, Say, Section, Value } from './page.ts'

const host = generateHost({ containers: 46, neighbours: [11] })
const root = host.host.rootNetns
const contextOfHost = (s: HostSnapshot) => contextOf([s], deriveTopology([s]))
const context = contextOfHost(host)

const page = (kind: (typeof RECORD_KINDS)[number], id: string, c = context): Page =>
  the(inspect(c, { hostId: host.host.id, kind, id }))
const sectionOf = (p: Page, key: Section['key']): Section => the(p.sections.find((s) => s.key === key))
const values = (s: Section, term: string): readonly Value[] =>
  s.blocks
    .flatMap((b) => ('facts' in b ? b.facts : []))
    .filter((f) => f.term === term)
    .flatMap((f) => f.values)
const link = (name: string, netns = root) =>
  the(recordsOf(host, 'link').find((l) => l.name === name && l.netns === netns))
const container = (test: (c: Container) => boolean) => the(recordsOf(host, 'container').find(test))
const web = container((c) => c.name === 'web')

describe('inspect', () => {
  it('[I1] has a page for every record of every kind, and none for what is not there', () => {
    for (const kind of RECORD_KINDS) {
      for (const record of recordsOf(host, kind)) {
        const made = page(kind, record.id)
        expect(made.ref).toEqual({ hostId: host.host.id, kind, id: record.id })
        expect(made.sections.length, `${kind} ${record.id}`).toBeGreaterThan(0)
      }
      expect(inspect(context, { hostId: host.host.id, kind, id: 'gone' })).toBeUndefined()
    }
    expect(inspect(context, { hostId: 'elsewhere', kind: 'link', id: link('lo').id })).toBeUndefined()
  })

  it('[I2] says nothing that the catalogue has no words for', () => {
    const texts: Record<string, unknown> = en.say
    for (const kind of RECORD_KINDS) {
      for (const record of recordsOf(host, kind)) {
        for (const said of sentences(page(kind, record.id))) expect(texts[said.say], said.say).toBeTypeOf('string')
      }
    }
  })

  it('[I3] has no two sections of one name on a page, so that each can be jumped to', () => {
    for (const kind of RECORD_KINDS) {
      for (const record of recordsOf(host, kind)) {
        const keys = page(kind, record.id).sections.map((s) => s.key)
        expect(new Set(keys).size, `${kind} ${record.id}: ${keys}`).toBe(keys.length)
      }
    }
  })

  it('[I15] knows what the map shows: everything of a namespace leads to it, sources lead nowhere', () => {
    const shown = (kind: (typeof RECORD_KINDS)[number]) => recordsOf(host, kind).map((r) => page(kind, r.id).onMap)
    for (const kind of ['link', 'route', 'fwRule', 'socket', 'container'] as const)
      expect(new Set(shown(kind))).toEqual(new Set([true]))
    expect(new Set(shown('source'))).toEqual(new Set([false]))
  })

  it('[I4] links only to objects that are there', () => {
    for (const kind of RECORD_KINDS) {
      for (const record of recordsOf(host, kind)) {
        for (const ref of refsIn(page(kind, record.id))) {
          expect(host.records[ref.kind][ref.id], `${kind} ${record.id} → ${ref.kind} ${ref.id}`).toBeDefined()
        }
      }
    }
  })
})

describe('a container', () => {
  it('[I5] explains its veth as a cable with two ends', () => {
    const cable = the(sectionOf(page('container', web.id), 'cables').blocks.find((b) => b.kind === 'cable'))
    const eth0 = link('eth0', web.netns)
    const veth = the(recordsOf(host, 'link').find((l) => l.netns === root && l.index === eth0.iflink))
    expect(cable.say).toEqual({
      say: 'cableToPort',
      args: {
        name: 'eth0',
        place: 'web',
        peer: veth.name,
        peerPlace: host.host.name,
        near: eth0.index,
        far: veth.index,
        master: 'docker0',
      },
    })
    expect(cable.ends.map((e) => e.name)).toEqual(['eth0', veth.name])
  })

  it('[I6] shows for a published port both sides, the DNAT rule, the proxies and the sockets', () => {
    const published = sectionOf(page('container', web.id), 'published')
    expect(published.blocks.filter((b) => b.kind === 'group')).toHaveLength(1)
    const ip = the(web.attachments[0]?.ip)
    expect(values(published, 'hostSide')).toEqual([{ text: '0.0.0.0:8080/tcp' }])
    expect(values(published, 'containerSide')).toEqual([{ text: `${ip}:80/tcp` }])
    expect(values(published, 'dnat')).toMatchObject([{ text: expect.stringContaining(`--to-destination ${ip}:80`) }])
    expect(values(published, 'proxy')).toHaveLength(2)
    expect(values(published, 'sockets')).toHaveLength(2)
  })

  it('[I7] says its network mode in words', () => {
    const mode = (c: Container) => sectionOf(page('container', c.id), 'overview').blocks[0]
    const shared = container((c) => c.networkMode.startsWith('container:'))
    const owner = container((c) => shared.networkMode.endsWith(c.containerId))
    expect(mode(web)).toMatchObject({ say: { say: 'modeBridge' } })
    expect(mode(container((c) => c.networkMode === 'host'))).toMatchObject({ say: { say: 'modeHost' } })
    expect(mode(container((c) => c.networkMode === 'none'))).toMatchObject({ say: { say: 'modeNone' } })
    expect(mode(shared)).toMatchObject({ say: { say: 'modeContainer', args: { name: owner.name } } })
    expect(rows(sectionOf(page('container', shared.id), 'sharers')).map((r) => r.title)).toContain(owner.name)
  })

  it('[I8] of a stopped one says what is missing instead of leaving it out', () => {
    const stopped = page('container', container((c) => c.state === 'exited').id)
    expect(values(sectionOf(stopped, 'overview'), 'pid')).toEqual([{ unknown: 'notRunning' }])
    expect(stopped.status?.state).toBe('down')
  })
})

describe('a bridge', () => {
  const docker0 = page('link', link('docker0').id)

  it('[I9] lists its ports with state, and its CAM table with what was learned first', () => {
    const ports = rows(sectionOf(docker0, 'ports'))
    const kernel = recordsOf(host, 'link').filter((l) => l.netns === root && l.master === link('docker0').index)
    expect(ports.map((r) => r.title).sort()).toEqual(kernel.map((l) => l.name).sort())
    const cam = rows(sectionOf(docker0, 'cam'))
    const own = cam.findIndex((r) => r.tags?.length)
    expect(own).toBeGreaterThan(0)
    expect(cam.slice(own).every((r) => r.tags?.length === 1)).toBe(true)
  })

  it('[I10] names its Docker network and shows the commands', () => {
    expect(values(sectionOf(docker0, 'overview'), 'network')).toMatchObject([{ text: 'bridge' }])
    expect(sectionOf(docker0, 'cam').commands).toEqual(['bridge fdb show br docker0', 'brctl showmacs docker0'])
    expect(sectionOf(docker0, 'overview').commands).toEqual(['ip -d link show dev docker0'])
  })
})

describe('the stack', () => {
  it('[I11] says of each route where it leads, the default first, without the table of own addresses', () => {
    const routes = rows(sectionOf(page('netns', root), 'routes'))
    const [first] = routes
    expect(first?.title).toBe('default')
    expect(first?.text?.[0]).toEqual({ say: 'routeDefault', args: { gateway: '192.168.50.1', link: 'ens33' } })
    expect(routes.some((r) => r.text?.some((t) => typeof t === 'object' && t.say === 'routeLocal'))).toBe(false)
  })

  it('[I12] lists every NAT rule once and in order', () => {
    const nat = sectionOf(page('netns', root), 'nat')
    const shown = nat.blocks.flatMap((b) => (b.kind === 'chains' ? b.chains : []))
    expect(shown.flatMap((c) => c.rules)).toHaveLength(
      recordsOf(host, 'fwRule').filter((r) => r.netns === root && r.table === 'nat').length,
    )
    for (const { rules } of shown) expect(rules.map((r) => r.position)).toEqual(rules.map((_, i) => i + 1))
    expect(shown[0]?.chain.chain).toBe('PREROUTING')
  })

  it('[I13] says what NAT did to a connection', () => {
    const id = conntrackId(root, 7)
    const connection = {
      id,
      netns: root,
      ctId: 7,
      family: 'inet' as const,
      protocol: 'tcp',
      orig: { src: '192.168.50.77', dst: '192.168.50.10', sport: 51544, dport: 8080 },
      reply: { src: '172.17.0.2', dst: '192.168.50.77', sport: 80, dport: 51544 },
      status: ['ASSURED'],
    }
    const tracked = { ...host, records: { ...host.records, conntrack: { [id]: connection } } }
    const made = page('conntrack', id, contextOfHost(tracked))
    expect(sectionOf(made, 'overview').blocks[0]).toMatchObject({
      say: { say: 'ctDnat', args: { to: '172.17.0.2:80' } },
    })
    expect(sectionOf(page('netns', root, contextOfHost(tracked)), 'conntrack').count).toBe(1)
  })

  it('[I14] says which source is missing instead of an empty list', () => {
    const source = {
      id: 'source:conntrack',
      name: 'conntrack' as const,
      state: 'unavailable' as const,
      reason: 'NOT_ROOT' as const,
    }
    const blind = { ...host, records: { ...host.records, source: { ...host.records.source, [source.id]: source } } }
    const first = sectionOf(page('netns', root, contextOfHost(blind)), 'conntrack').blocks[0]
    expect(first).toMatchObject({
      kind: 'say',
      tone: 'warn',
      say: { say: 'sourceMissing', args: { detail: 'NOT_ROOT' } },
    })
  })

  it('[I16] shows the named sets of a table, the first elements of a long one', () => {
    const table = the(recordsOf(host, 'fwTable')[0])
    const set = { kind: 'set' as const, type: 'ipv4_addr', flags: [] as string[] }
    const all = Array.from({ length: 22 }, (_, i) => `10.0.0.${i}`)
    const sets: FwTable['sets'] = {
      blocked: { ...set, elements: { kind: 'all', all } },
      empty: { ...set, elements: { kind: 'all', all: [] } },
      long: { ...set, elements: { kind: 'tooMany', count: 5000 } },
      seen: { ...set, flags: ['timeout'], elements: { kind: 'changing' } },
    }
    const records = { ...host.records, fwTable: { [table.id]: { ...table, sets } } }
    const shown = sectionOf(page('fwTable', table.id, contextOfHost({ ...host, records })), 'sets')
    expect(rows(shown).map(({ title, text, tags }) => [title, ...(text ?? []), ...(tags ?? [])])).toEqual([
      ['set blocked', 'ipv4_addr', all.slice(0, 20).join(', '), { say: 'andMore', args: { count: 2 } }],
      ['set empty', 'ipv4_addr', { say: 'setEmpty' }],
      ['set long', 'ipv4_addr', { say: 'setTooMany', args: { count: 5000 } }],
      ['set seen', 'ipv4_addr', { say: 'setChanges' }, { text: 'timeout' }],
    ])
  })
})

const rows = (s: Section) => s.blocks.flatMap((b) => (b.kind === 'rows' ? b.rows : []))

/** Everything in a page that has a given key, however deep. */
function found(value: unknown, key: string): Record<string, unknown>[] {
  if (Array.isArray(value)) return value.flatMap((v) => found(v, key))
  if (typeof value !== 'object' || value === null) return []
  const own = value as Record<string, unknown> // an object of the page; its shape does not matter here
  return [...(key in own ? [own] : []), ...Object.values(own).flatMap((v) => found(v, key))]
}
const sentences = (p: Page): Say[] =>
  found(p, 'say').filter((v): v is Record<string, unknown> & Say => typeof v.say === 'string')
const refsIn = (p: Page) => {
  const links = ['to', 'live', 'jump'].flatMap((key) => found(p, key).map((v) => v[key]))
  return links.filter((r): r is Page['ref'] => typeof r === 'object' && r !== null && 'hostId' in r)
}

function the<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('what the test is about is not there')
  return value
}
