import { type AnyRecord, RECORD_KINDS, recordsOf } from '@hopscope/model'
import { COMMAND_NAMES, commandSchema } from '@hopscope/protocol'
import { generateHost } from '@hopscope/testkit'
import { describe, expect, it } from 'vitest'
import { actionsFor } from './actionsFor.ts'
import { check } from './check.ts'
import { containerChoices, linkChoices, netnsChoices, netnsRefOf } from './choices.ts'
import { asksFor, commandOf, type Draft, draft, onOtherHost, type Values, withValue } from './draft.ts'
import { FIELDS } from './fields.ts'
import { createMenu } from './netnsActions.ts'

const host = generateHost({ containers: 46, neighbours: [11] })
const root = host.host.rootNetns
const link = (name: string) => the(recordsOf(host, 'link').find((l) => l.name === name && l.netns === root))
const labels = (record: AnyRecord, kind: (typeof RECORD_KINDS)[number]) =>
  actionsFor(kind, record, host).map((one) => one.label)
const all = RECORD_KINDS.flatMap((kind) => recordsOf(host, kind).flatMap((record) => actionsFor(kind, record, host)))

/** What a person who knows the right answers would put in. */
const ANSWERS: Values = {
  ...{ name: 'new0', to: 'new0', mtu: '1400', mac: '02:00:00:00:00:09', vni: '42', port: '4789', value: '1' },
  ...{ driver: 'bridge', subnet: '10.253.0.0/24', gateway: '10.253.0.1', ipRange: '10.253.0.0/25', image: 'busybox' },
  ...{
    hostname: 'h',
    publish: '80',
    links: 'web:x',
    dns: '10.0.0.53',
    dnsSearch: 'example.com',
    extraHosts: 'db:10.0.0.5',
  },
  ...{ subnet6: 'fd00:253::/64', gateway6: 'fd00:253::1', labels: 'team=shop' },
  ...{ restart: 'no', icc: 'false', masquerade: 'true', aliases: 'db' },
  ...{ address: '10.254.0.1', via: '10.254.0.2', dst: '10.254.1.0/24', 'peer.name': 'new1', key: 'rp_filter' },
}
const answered = (one: Draft): Values => {
  const values: Record<string, string> = { ...one.values }
  for (const field of asksFor(one)) {
    const first = [...netnsChoices(host), ...linkChoices(host, field, values)]
    const choice =
      field.kind === 'netns' ? 'root' : field.kind === 'link' ? linkChoices(host, field, values)[0] : first[0]
    const known = typeof choice === 'string' ? choice : field.kind === 'link' ? (choice?.value ?? 'none') : undefined
    const chosen =
      field.kind === 'container' ? containerChoices(host)[0]?.value : field.kind === 'network' ? 'bridge' : undefined
    const cidr = 'format' in field && field.format === 'cidr' ? '10.254.0.1/24' : undefined
    values[field.path] ||= known ?? chosen ?? cidr ?? ANSWERS[field.path] ?? ''
  }
  return values
}

describe('actions', () => {
  it('[C1] of every record make commands that are well formed once they are filled in', () => {
    expect(all.length).toBeGreaterThan(500)
    for (const one of [...all, ...createMenu()]) {
      const read = commandSchema.safeParse(commandOf(one.do, answered(one)))
      expect(read.success, `${one.label}: ${JSON.stringify(one.values)} ${read.error?.message}`).toBe(true)
    }
  })

  it('[C2] that ask nothing can be planned at once: nothing is offered that must be refused', () => {
    const refused = all
      .filter((one) => asksFor(one).length === 0)
      .flatMap((one) => {
        const found = check(one, one.values, host)
        return found.kind === 'planned' ? [] : [`${one.label} ${one.object}: ${JSON.stringify(found)}`]
      })
    // Who runs in a namespace is for the planner to say: it names the processes.
    expect(refused.filter((line) => !line.includes('NETNS_BUSY'))).toEqual([])
  })

  it('[C3] suit what the object is', () => {
    expect(labels(link('lo'), 'link')).not.toContain('delete')
    expect(labels(link('lo'), 'link')).not.toContain('rename')
    const bridge = the(recordsOf(host, 'link').find((l) => l.info.kind === 'bridge' && l.netns === root))
    expect(labels(bridge, 'link')).toContain('plugIn')
    expect(labels(bridge, 'link')).not.toContain('attach')
    const port = the(recordsOf(host, 'link').find((l) => l.port !== undefined && l.master !== undefined))
    expect(labels(port, 'link')).toContain('detach')
    expect(labels(port, 'link')).not.toContain('move')
    const up = the(recordsOf(host, 'link').find((l) => l.flags.includes('UP')))
    expect(labels(up, 'link')).toContain('down')
    expect(labels({ ...up, flags: [] }, 'link')).toContain('up')
    for (const route of recordsOf(host, 'route').filter((r) => r.table === 255)) {
      expect(labels(route, 'route')).toEqual([])
    }
  })

  it('[C10] come to the same commands whatever the order of the records, which page and agent have each their own', () => {
    const backwards = <T>(table: Readonly<Record<string, T>>) => Object.fromEntries(Object.entries(table).reverse())
    const records = Object.fromEntries(RECORD_KINDS.map((kind) => [kind, backwards<AnyRecord>(host.records[kind])]))
    // The same tables under the same keys; fromEntries forgets which is which.
    const other = { ...host, records: records as typeof host.records }
    const shellOn = (one: Draft, snapshot: typeof host) => {
      const found = check(one, one.values, snapshot)
      return found.kind === 'planned' ? found.shell : []
    }
    for (const one of all.filter((each) => asksFor(each).length === 0)) {
      expect(shellOn(one, other), `${one.label} ${one.object}`).toEqual(shellOn(one, host))
    }
  })

  it('[C4] have labels that differ on each object, so that each can be named', () => {
    for (const kind of RECORD_KINDS) {
      for (const record of recordsOf(host, kind)) {
        const names = labels(record, kind)
        expect(new Set(names).size, `${kind} ${record.id}: ${names}`).toBe(names.length)
      }
    }
  })
})

describe('forms', () => {
  it('[C5] have an input for every field of every command, and no other', () => {
    for (const option of commandSchema.options) {
      const { do: name, ...shape } = option.shape
      const paths = Object.entries(shape).flatMap(([key, schema]) =>
        'shape' in schema ? Object.keys(schema.shape as object).map((inner) => `${key}.${inner}`) : [key],
      )
      expect(FIELDS[name.value].map(({ path }) => path).sort(), name.value).toEqual(paths.sort())
    }
    expect(Object.keys(FIELDS).sort()).toEqual([...COMMAND_NAMES].sort())
  })

  it('[C6] say which input is wrong, and what is missing', () => {
    const add = draft('addAddress', 'address.add', { netns: 'root', link: 'eth0' })
    expect(check(add, add.values, host)).toEqual({ kind: 'incomplete', wrong: { address: 'required' } })
    expect(check(add, { ...add.values, address: '10.0.0.300' }, host)).toEqual({
      kind: 'incomplete',
      wrong: { address: 'cidr' },
    })
    const pair: Draft = { label: 'veth', do: 'veth.create', values: { netns: 'root', 'peer.netns': 'root' }, fixed: [] }
    expect(check(pair, { ...pair.values, name: 'a b' }, host)).toEqual({
      kind: 'incomplete',
      wrong: { name: 'linkName', 'peer.name': 'required' },
    })
    expect(check(pair, { name: 'a' }, host)).toEqual({
      kind: 'incomplete',
      wrong: { netns: 'required', 'peer.netns': 'required', 'peer.name': 'required' },
    })
  })

  it('[C7] put a refusal to the input that it is about, and show the commands of what works', () => {
    const bridge: Draft = { label: 'bridge', do: 'bridge.create', values: { netns: 'root' }, fixed: [] }
    const taken = check(bridge, { ...bridge.values, name: 'lo' }, host)
    expect(taken).toMatchObject({ kind: 'refused', at: 'name', refusal: { code: 'NAME_TAKEN' } })
    const up = draft('up', 'link.up', { netns: 'root', link: 'lo' })
    expect(check(up, up.values, host)).toEqual({ kind: 'refused', refusal: { code: 'NOTHING_TO_DO', params: {} } })
    const made = check(bridge, { ...bridge.values, name: 'br-new', stp: 'on' }, host)
    expect(made).toMatchObject({
      kind: 'planned',
      command: { do: 'bridge.create', netns: 'root', name: 'br-new', stp: true },
    })
    expect(made.kind === 'planned' && made.shell[0]).toBe('ip link add name br-new type bridge stp_state 1')
  })

  it('[C8] forget the link of another namespace, and what is of another host', () => {
    const add: Draft = { label: 'addAddress', do: 'address.add', values: { netns: 'root' }, fixed: [] }
    const filled = { netns: 'root', link: 'eth0', address: '10.0.0.1/24' }
    expect(withValue(add, filled, 'address', 'x')).toEqual({ ...filled, address: 'x' })
    expect(withValue(add, filled, 'netns', 'blue')).toEqual({ netns: 'blue', link: '', address: '10.0.0.1/24' })
    expect(onOtherHost(add, { ...filled, netns: 'blue' })).toEqual({ ...filled, link: '' })
  })
})

describe('namespaces', () => {
  it('[C9] are named so that each name means one of them', () => {
    const choices = netnsChoices(host)
    expect(choices[0]).toEqual({ value: 'root', text: 'root' })
    expect(new Set(choices.map(({ value }) => value)).size).toBe(choices.length)
    const web = the(recordsOf(host, 'container').find((c) => c.name === 'web'))
    expect(netnsRefOf(host, web.netns ?? '')).toBe('web')
    const twice = structuredClone(host)
    const other = the(recordsOf(twice, 'container').find((c) => c.netns !== web.netns && c.netns !== undefined))
    Object.assign(other, { name: 'web' })
    expect(netnsRefOf(twice, web.netns ?? '')).toBe(web.netns)
  })
})

function the<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the generated host lacks it')
  return value
}
