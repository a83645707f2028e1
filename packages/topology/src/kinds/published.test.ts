import type { Container, PortBinding } from '@hopscope/model'
import { fwRuleId, recordsOf } from '@hopscope/model'
import { generateHost } from '@hopscope/testkit'
import { describe, expect, it } from 'vitest'
import { deriveTopology } from '../derive.ts'
import { createDeriver } from '../deriver.ts'
import { type OwnPort, ownPortText, readOwnPort } from '../ownPorts.ts'
import { parseLink } from './linkOption.ts'
import { entranceLabel, entrancesOf } from './published.ts'

const some = recordsOf(generateHost({ containers: 1 }), 'container')[0] as Container // it was made with one
const labels = (ports: PortBinding[]) => entrancesOf({ ...some, name: 'web', ports }).map(entranceLabel)
const port = (hostIp: string, hostPort: number, containerPort: number, protocol = 'tcp'): PortBinding => ({
  hostIp,
  hostPort,
  containerPort,
  protocol,
})

describe('entrances', () => {
  it('merge both families', () => {
    expect(labels([port('0.0.0.0', 8080, 80), port('::', 8080, 80)])).toEqual(['8080 → web:80/tcp'])
  })

  it('name the address that was asked for', () => {
    expect(labels([port('127.0.0.1', 8080, 80), port('::1', 8080, 80)])).toEqual([
      '127.0.0.1:8080 → web:80/tcp',
      '[::1]:8080 → web:80/tcp',
    ])
  })

  it('merge ranges that run side by side, per protocol', () => {
    const range = [8002, 8000, 8001].map((p) => port('0.0.0.0', p, p - 7920))
    expect(labels([...range, port('0.0.0.0', 8003, 99), port('0.0.0.0', 8001, 81, 'udp')])).toEqual([
      '8000-8002 → web:80-82/tcp',
      '8003 → web:99/tcp',
      '8001 → web:81/udp',
    ])
  })
})

describe('ports of our own rules', () => {
  const text = 'hopscope:web:[fd00::1]:8000-8002->80-82/udp'
  const port: OwnPort = { container: 'web', hostIp: 'fd00::1', protocol: 'udp', from: 8000, to: 80, count: 3 }
  it('are told by the comment of their rules', () => {
    expect(readOwnPort(text)).toEqual(port)
    expect(ownPortText(port)).toBe(text)
    expect(readOwnPort('hopscope:web:8080->80/tcp')).toMatchObject({ hostIp: '', from: 8080, to: 80, count: 1 })
    for (const other of ['', 'hopscope:web', 'a hopscope:web:8080->80/tcp', 'hopscope:-x:8080->80/tcp'])
      expect(readOwnPort(other), other).toBeUndefined()
  })
  it('are doors of the host like the others, and say whose they are; whether derived again or anew', () => {
    const host = generateHost({ containers: 3 })
    const key = {
      netns: host.host.rootNetns,
      engine: 'nft',
      family: 'ip',
      table: 'nat',
      chain: 'HOPSCOPE-PREROUTING',
    } as const
    const id = fwRuleId({ ...key, handle: 99 })
    const comment = 'hopscope:web:8099->99/tcp'
    const fwRule = { ...host.records.fwRule, [id]: { ...key, id, handle: 99, position: 1, text: '', comment } }
    const after = { ...host, records: { ...host.records, fwRule } }
    const deriver = createDeriver()
    const before = deriver.derive([host])
    const topology = deriver.derive([after])
    expect(topology).toEqual(deriveTopology([after]))
    const door = topology.nodes.find(({ label }) => label === '8099 → web:99/tcp')
    expect(door).toMatchObject({ kind: 'entrance', state: 'up', badges: [{ kind: 'flag', value: 'own-rules' }] })
    expect(deriver.derive([host])).toEqual(before)
  })
})

describe('parseLink', () => {
  it('reads what is typed and what Docker tells', () => {
    expect(parseLink('db:database')).toEqual({ name: 'db', alias: 'database' })
    expect(parseLink('db')).toEqual({ name: 'db', alias: 'db' })
    expect(parseLink('/db:/web/database')).toEqual({ name: 'db', alias: 'database' })
  })
})
