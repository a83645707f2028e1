import { generateHost } from '@hopscope/testkit'
import { deriveTopology } from '@hopscope/topology'
import { describe, expect, it } from 'vitest'
import { search } from './search.ts'

const host = generateHost({ containers: 12, seed: 5, id: 'a', name: 'alpha', handMade: 1 })
const topology = deriveTopology([host])
const find = (query: string) => search(topology, new Map([['a', host]]), query)

describe('search', () => {
  it('finds by name, the whole name first', () => {
    expect(find('docker0')[0]?.node.label).toBe('docker0')
    expect(find('DOCKER0')[0]?.node.label).toBe('docker0')
  })
  it('finds by address, MAC, container id, port and namespace', () => {
    const container = Object.values(host.records.container).find((c) => c.ports.length && c.attachments[0]?.ip)
    const at = container?.attachments[0]
    for (const query of [at?.ip, at?.mac, container?.containerId.slice(0, 12), `${container?.ports[0]?.hostPort}`]) {
      const found = find(query ?? 'nothing').some((h) => h.node.refs.some((r) => r.id === container?.id))
      expect({ query, found }).toEqual({ query, found: true })
    }
    expect(find('ns1')[0]?.node.label).toBe('ns1')
  })
  it('wants every word and finds nothing for nothing', () => {
    expect(find('docker0 no-such-thing')).toEqual([])
    expect(find('  ')).toEqual([])
  })
})
