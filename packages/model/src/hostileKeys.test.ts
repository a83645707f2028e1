import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  applyToSnapshot,
  type Container,
  containerId,
  containerSchema,
  DiffMismatch,
  diff,
  diffSchema,
  emptySnapshot,
  hostSnapshotSchema,
  stateHash,
} from './index.ts'

const host = {
  id: 'h',
  name: '__proto__',
  vantage: { kind: 'host' as const },
  kernel: '6',
  bootId: 'b',
  rootNetns: 'ns:1',
  agentVersion: '0',
  privileged: true,
}
const NAMES = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', '']

/** As it comes over the wire: JSON makes `__proto__` a name like any other. */
const overTheWire = <T>(value: T): T => JSON.parse(JSON.stringify(value))
const labels = (value: string): Record<string, string> => Object.fromEntries(NAMES.map((name) => [name, value]))

function container(value: string): Container {
  const texts = { image: '', command: '', state: 'running', networkMode: 'none', hostname: '', restartPolicy: '' }
  const lists = { dns: [], dnsSearch: [], dnsOptions: [], extraHosts: [], links: [], exposed: [], requestedPorts: [] }
  const rest = { publishAll: false, ports: [], attachments: [], createdAt: '' }
  return { id: containerId('1'), containerId: '1', name: 'a', ...texts, ...lists, ...rest, labels: labels(value) }
}

describe('labels with names that objects have already', () => {
  const empty = emptySnapshot(host)
  const withLabels = (value: string) => ({
    host,
    records: { ...empty.records, container: { [containerId('1')]: container(value) } },
  })

  it('are kept by schema, wire and hash', () => {
    const sent = withLabels('x')
    const received = hostSnapshotSchema.parse(overTheWire(sent))
    const [one] = Object.values(received.records.container)
    expect(Object.entries(one?.labels ?? {}).sort()).toEqual(NAMES.map((name) => [name, 'x']).sort())
    expect(stateHash(received.records)).toBe(stateHash(sent.records))
    expect(Object.getPrototypeOf(one?.labels)).toBe(Object.prototype)
  })
  it('travel in a diff', () => {
    const next = withLabels('y')
    const change = diffSchema.parse(overTheWire(diff(withLabels('x').records, next.records)))
    expect(stateHash(applyToSnapshot(overTheWire(withLabels('x')), change).records)).toBe(stateHash(next.records))
  })
  it('must be texts', () => {
    for (const wrong of ['{"a":1}', '[]', '"a"', 'null', '{"__proto__":null}'])
      expect(containerSchema.safeParse({ ...container('x'), labels: JSON.parse(wrong) }).success, wrong).toBe(false)
    const { properties } = z.toJSONSchema(containerSchema)
    expect(properties?.labels).toEqual({ type: 'object', additionalProperties: { type: 'string' } })
  })
})

describe('a diff of records with such ids', () => {
  it.each(NAMES)('fits only a state that has %j', (id) => {
    const { records } = emptySnapshot(host)
    for (const change of [{ del: [id] }, { set: [{ id, fields: { mtu: 1 } }] }])
      expect(() => applyToSnapshot({ host, records }, { link: change })).toThrow(DiffMismatch)
    expect(Object.prototype).not.toHaveProperty('mtu')
  })
})
