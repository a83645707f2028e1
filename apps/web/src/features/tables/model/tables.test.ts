import { type FwTable, recordsOf } from '@hopscope/model'
import { generateHost } from '@hopscope/testkit'
import { deriveTopology } from '@hopscope/topology'
import { describe, expect, it } from 'vitest'
import en from '../../../i18n/en/index.ts'
import { TABLES, tableById } from './catalogue.ts'
import { toCsv, toJson } from './exportRows.ts'
import { matchText, targetText } from './kinds/firewall.ts'
import { newAddress } from './kinds/nat.ts'
import { way } from './kinds/routes.ts'
import { filterRows, parseQuery } from './query.ts'
import { scopesOf } from './scope.ts'
import type { TableId } from './table.ts'
import { parseOrder, serializeOrder } from './url.ts'
import { compareValues, type Say, textOf, valueTexts } from './value.ts'

const alpha = generateHost({ containers: 40, seed: 3, id: 'a', name: 'alpha', sandbox: 'x', handMade: 2, processes: 2 })
const beta = generateHost({ containers: 5, seed: 4, id: 'b', name: 'beta', sandbox: 'x', address: 11 })
const scopes = scopesOf([alpha, beta], deriveTopology([alpha, beta]))
const say: Say = (key, args) => {
  const words: Record<string, string> = en.tables.word
  const text = words[key.replace('tables.word.', '')] ?? key
  return text.replace(/\{(\w+)\}/g, (_, name: string) => String(args?.[name] ?? ''))
}
const rowsOf = (id: TableId) => scopes.flatMap((s) => tableById(id).rows(s))
const labelled = (id: TableId) => tableById(id).columns.map((c) => ({ id: c.id, label: en.tables.column[c.id] }))

describe('tables', () => {
  it.each(TABLES.map((t) => t.id))(
    '[TB1] %s: every cell of every row can be computed, and every row has its own key',
    (id) => {
      const rows = rowsOf(id)
      const table = tableById(id)
      expect(new Set(rows.map((r) => r.key)).size).toBe(rows.length)
      for (const row of rows) for (const c of table.columns) textOf(row.value(c.id), say)
      expect(table.order.every((o) => table.columns.some((c) => c.id === o.replace('-', '')))).toBe(true)
    },
  )

  it.each([
    ['interfaces', 'link'],
    ['addresses', 'address'],
    ['namespaces', 'netns'],
    ['fdb', 'fdb'],
    ['neighbours', 'neighbour'],
    ['routes', 'route'],
    ['policyRules', 'policyRule'],
    ['switches', 'sysctl'],
    ['firewallRules', 'fwRule'],
    ['firewallChains', 'fwChain'],
    ['connections', 'conntrack'],
    ['sockets', 'socket'],
    ['containers', 'container'],
    ['networks', 'dockerNetwork'],
    ['sources', 'source'],
  ] as const)('[TB2] %s lists every %s of all hosts', (id, kind) => {
    const ids = [alpha, beta].flatMap((s) => recordsOf(s, kind).map((r) => `${s.host.id} ${r.id}`))
    expect(
      rowsOf(id)
        .map((r) => `${r.ref.hostId} ${r.ref.id}`)
        .sort(),
    ).toEqual(ids.sort())
    expect(scopes.reduce((n, s) => n + tableById(id).count(s), 0)).toBe(ids.length)
  })

  it('[TB3] each veth pair once, with both ends', () => {
    const ends = recordsOf(alpha, 'link').filter((l) => l.info.kind === 'veth')
    const rows = tableById('vethPairs').rows(scopes[0] ?? never())
    expect(rows.length).toBe(ends.length / 2)
    for (const row of rows) {
      const inner = ends.find((l) => l.id === row.ref.id) ?? never()
      expect(textOf(row.value('indexes'), say)).toBe(`if${inner.index} ↔ if${inner.iflink}`)
      expect(textOf(row.value('otherEnd'), say)).not.toBe('')
    }
  })

  it('[TB4] the peer of eth0 is named with its index, and namespaces by container, name or process', () => {
    const row = rowsOf('interfaces').find((r) => textOf(r.value('name'), say).startsWith('eth0@if')) ?? never()
    expect(textOf(row.value('peer'), say)).toMatch(/^veth[0-9a-f]+ · alpha$/)
    for (const r of rowsOf('interfaces')) expect(textOf(r.value('namespace'), say)).not.toMatch(/^net:\[/)
    expect(rowsOf('namespaces').map((r) => textOf(r.value('name'), say))).toEqual(
      expect.arrayContaining(['alpha (host)', 'ns1']),
    )
  })

  it('[TB5] a route says its way in words', () => {
    const routes = recordsOf(alpha, 'route')
    const main = routes.filter((r) => r.table === 254)
    expect(new Set(main.map((r) => textOf(way(r), say).replace(/ [\d.]+$/, '')))).toEqual(
      new Set(['directly connected', 'via gateway']),
    )
    for (const r of main) if (r.gateway) expect(textOf(way(r), say)).toBe(`via gateway ${r.gateway}`)
  })

  it('[TB6] published ports show the way in, the container and the proxy', () => {
    const rows = rowsOf('nat').filter((r) => r.ref.kind === 'container')
    const ports = [alpha, beta].flatMap((s) => recordsOf(s, 'container').flatMap((c) => c.ports))
    expect(rows.length).toBe(ports.length)
    expect(rows.map((r) => r.value('proxyPid')).sort()).toEqual(ports.map((p) => p.proxyPid).sort())
    const dnat = rowsOf('nat').filter((r) => textOf(r.value('translation'), say) === 'DNAT')
    expect(dnat.length).toBeGreaterThan(0)
    for (const r of dnat) expect(textOf(r.value('after'), say)).toMatch(/^[\d.]+:\d+$/)
    for (const r of dnat) expect(textOf(r.value('leadsTo'), say)).not.toBe('')
  })

  it('[TB7] rates need two samples, and stop when counters restart', () => {
    const [scope] = scopes
    const link = recordsOf(alpha, 'link')[0] ?? never()
    const counters = {
      rxBytes: 0,
      rxPackets: 0,
      rxErrors: 0,
      rxDropped: 0,
      rxOverruns: 0,
      multicast: 0,
      txBytes: 0,
      txPackets: 0,
      txErrors: 0,
      txDropped: 0,
      txOverruns: 0,
      collisions: 0,
    }
    const at = (time: number, rxBytes: number) => ({ at: time, values: { [link.id]: { ...counters, rxBytes } } })
    const rate = (links: object) => {
      // Only the topic under test is there.
      const sampled = { ...(scope ?? never()), samples: { links: links as never } }
      return tableById('interfaces')
        .rows(sampled)
        .find((r) => r.ref.id === link.id)
        ?.value('rxRate')
    }
    expect(rate(at(2000, 500))).toBeUndefined()
    expect(rate({ ...at(2000, 500), previous: at(1500, 100) })).toBe(800)
    expect(rate({ ...at(2000, 5), previous: at(1500, 100) })).toBeUndefined()
  })
})

describe('rule texts', () => {
  const rule = (text: string, target?: string) =>
    ({
      id: '',
      netns: 'ns:1',
      engine: 'nft',
      family: 'ip',
      table: 'nat',
      chain: 'DOCKER',
      handle: 1,
      position: 1,
      text,
      ...(target && { target }),
    }) as const
  it('[TB15] a named set stands with its elements, or with why they are not told', () => {
    const table = recordsOf(alpha, 'fwTable').find(({ table }) => table === 'nat') ?? never()
    const set = { kind: 'set' as const, type: 'ipv4_addr', flags: [] }
    const sets: FwTable['sets'] = {
      blocked: { ...set, elements: { kind: 'all', all: ['10.0.0.1', '10.0.0.2'] } },
      long: { ...set, elements: { kind: 'tooMany', count: 100_000 } },
      seen: { ...set, kind: 'map', flags: ['dynamic', 'timeout'], elements: { kind: 'changing' } },
    }
    const records = { ...alpha.records, fwTable: { [table.id]: { ...table, sets } } }
    const rows = tableById('firewallSets').rows({ ...(scopes[0] ?? never()), snapshot: { ...alpha, records } })
    const columns = ['set', 'kind', 'elementCount', 'elements', 'flags'] as const
    expect(rows.map((row) => columns.map((column) => textOf(row.value(column), say)))).toEqual([
      ['blocked', 'set', '2', '10.0.0.1, 10.0.0.2', ''],
      ['long', 'set', '100000', 'too many to show', ''],
      ['seen', 'map', '', 'changed by time or packets', 'dynamic, timeout'],
    ])
    expect(rows.every((row) => row.ref.id === table.id)).toBe(true)
  })

  it('[TB8] are told apart into match, target and new address', () => {
    const dnat = rule(
      '-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80',
      'DNAT',
    )
    expect(matchText(dnat)).toBe('! -i docker0 -p tcp -m tcp --dport 8080')
    expect(targetText(dnat)).toBe('DNAT to 172.17.0.2:80')
    expect(newAddress(dnat)).toBe('172.17.0.2:80')
    const native = rule('tcp dport 8080 dnat to 172.17.0.2:80', 'dnat')
    expect(newAddress(native)).toBe('172.17.0.2:80')
    expect(matchText(rule('-A FORWARD -m comment --comment "a -j b" -o br0 -j ACCEPT', 'ACCEPT'))).toBe('-o br0')
    expect(matchText(rule('ip saddr 10.0.0.0/8 drop', 'drop'))).toBe('ip saddr 10.0.0.0/8')
    expect(matchText(rule('iif "lo" jump other', 'other'))).toBe('iif "lo"')
  })
})

describe('filter', () => {
  const columns = labelled('interfaces')
  it('[TB9] a colon names a column only behind the name of one', () => {
    expect(parseQuery('mtu:1500 veth', columns)).toEqual([{ column: 'mtu', text: '1500' }, { text: 'veth' }])
    expect(parseQuery('02:42:ac', columns)).toEqual([{ text: '02:42:ac' }])
    expect(parseQuery('fe80::1 "no carrier"', columns)).toEqual([{ text: 'fe80::1' }, { text: 'no carrier' }])
    expect(parseQuery('state:"no carrier"', columns)).toEqual([{ column: 'state', text: 'no carrier' }])
    expect(parseQuery('  ', columns)).toEqual([])
  })
  it('[TB10] keeps exactly the rows that match every term', () => {
    const rows = rowsOf('interfaces')
    const found = filterRows(rows, 'kind:veth eth0', columns, say)
    const wanted = rows.filter(
      (r) =>
        r.value('kind') === 'veth' && columns.some((c) => textOf(r.value(c.id), say).toLowerCase().includes('eth0')),
    )
    expect(found).toEqual(wanted)
    expect(found.length).toBeGreaterThan(0)
    expect(found.length).toBeLessThan(rows.length)
    expect(filterRows(rows, '', columns, say)).toEqual(rows)
  })
})

describe('order', () => {
  it('[TB11] goes through the address unchanged', () => {
    const order = [
      { id: 'name', desc: false },
      { id: 'mtu', desc: true },
    ]
    expect(parseOrder(serializeOrder(order))).toEqual(order)
    expect(parseOrder('-,,')).toEqual([])
  })
  it('[TB12] numbers by size, addresses as people expect', () => {
    expect([10, 9].sort((a, b) => compareValues(a, b, say))).toEqual([9, 10])
    expect(['10.0.0.10', '10.0.0.9'].sort((a, b) => compareValues(a, b, say))).toEqual(['10.0.0.9', '10.0.0.10'])
  })
})

describe('export', () => {
  const columns = [
    { id: 'name', label: '=Name' },
    { id: 'mtu', label: 'MTU' },
  ] as const
  const row = (name: string, mtu: number) => ({
    ...(rowsOf('interfaces')[0] ?? never()),
    value: (id: string) => (id === 'mtu' ? mtu : name),
  })
  it('[TB13] CSV quotes what it must, and no cell is a formula', () => {
    const csv = toCsv([row('=1+1', 1500), row('a,"b"', -1), row(' @x', 0)], columns, say)
    expect(csv).toBe('"\'=Name",MTU\r\n"\'=1+1",1500\r\n"a,""b""",-1\r\n"\' @x",0\r\n')
  })
  it('[TB14] JSON keeps numbers and lists', () => {
    expect(JSON.parse(toJson([row('x', 1500)], columns, say))).toEqual([{ name: 'x', mtu: 1500 }])
    expect(valueTexts([{ text: 'a' }, { text: 'b' }], say)).toEqual(['a', 'b'])
  })
})

function never(): never {
  throw new Error('the generated host lacks what this test needs')
}
