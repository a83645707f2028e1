import { recordsOf } from '@hopscope/model'
import { generateHost } from '@hopscope/testkit'
import { describe, expect, it } from 'vitest'
import { deriveTopology } from './derive.ts'
import { searchAll, searchIndex } from './search.ts'

const host = generateHost({ containers: 300, neighbours: [11] })
const topology = deriveTopology([host])
const index = searchIndex([host], topology)
const web = recordsOf(host, 'container').find((c) => c.name === 'web')
const nodes = new Set(topology.nodes.map((n) => n.id))

describe('searchAll', () => {
  it('finds a container by its whole name before those that begin with it', () => {
    const hits = searchAll(index, 'web')
    expect(hits[0]).toMatchObject({ label: 'web', matched: 'name', nodeId: `${host.host.id}/${web?.id}` })
    expect(hits[0]?.ref.kind).toBe('container')
    expect(hits[1]?.label).toMatch(/^web-/)
  })

  it.each([
    ['address', web?.attachments[0]?.ip],
    ['mac', web?.attachments[0]?.mac],
    ['id', web?.containerId.slice(0, 12)],
    ['port', ':8080'],
    ['image', 'web:latest'],
  ])('finds it by %s', (matched, query) => {
    const hit = searchAll(index, query ?? '').find((h) => h.ref.id === web?.id)
    expect(hit?.matched).toBe(matched)
  })

  it('finds a published port first at its container', () => {
    expect(searchAll(index, ':8080')[0]?.ref.id).toBe(web?.id)
  })

  it('finds namespaces by inode, networks by name, links by MAC, rules by their text', () => {
    const inode = web?.netns?.slice(3) ?? ''
    expect(searchAll(index, inode)[0]).toMatchObject({ matched: 'inode', ref: { kind: 'netns', id: web?.netns } })
    expect(searchAll(index, 'app1_default')[0]).toMatchObject({ ref: { kind: 'dockerNetwork' }, label: 'app1_default' })
    expect(searchAll(index, '00:0c:29:00:00:0a')[0]).toMatchObject({ label: 'ens33', matched: 'mac' })
    expect(searchAll(index, 'dport 8080')[0]?.ref.kind).toBe('fwRule')
    expect(searchAll(index, 'MASQUERADE')[0]).toMatchObject({ matched: 'rule', ref: { kind: 'fwRule' } })
  })

  it('finds a bridge by the name that the kernel has for it', () => {
    const link = recordsOf(host, 'link').find((l) => l.name.startsWith('br-'))
    const hits = searchAll(index, link?.name ?? '')
    expect(hits.slice(0, 2).map((h) => [h.ref.kind, h.text])).toEqual([
      ['dockerNetwork', link?.name],
      ['link', link?.name],
    ])
    expect(hits[0]).toMatchObject({ onMap: true, host: host.host.name })
    expect(hits[0]?.nodeId).toBe(hits[1]?.nodeId)
  })

  it('says where a thing lives, and what is on no map', () => {
    const eth0 = recordsOf(host, 'link').find((l) => l.netns === web?.netns && l.name === 'eth0')
    expect(searchAll(index, eth0?.address ?? '').find((h) => h.ref.kind === 'link')).toMatchObject({
      label: 'eth0',
      place: 'web',
      text: eth0?.address,
      onMap: true,
    })
    expect(searchAll(index, 'MASQUERADE')[0]).toMatchObject({ onMap: false })
    expect(searchAll(index, 'MASQUERADE')[0]?.place).toBeUndefined()
  })

  it('wants every word, and finds nothing for none', () => {
    expect(searchAll(index, 'web no-such-word')).toEqual([])
    expect(searchAll(index, '  ')).toEqual([])
  })

  it('knows a node of the map for every record', () => {
    for (const { hit } of index) expect(nodes.has(hit.nodeId ?? ''), `${hit.ref.kind} ${hit.ref.id}`).toBe(true)
  })

  it('answers for 300 containers within 5 ms', () => {
    const queries = ['w', 'web', '172.17', ':80', '02:42', 'docker accept', 'nothing like it']
    // Processor time: what others do on the machine meanwhile is not its fault.
    const times = Array.from({ length: 7 }, () => {
      const start = process.cpuUsage()
      for (const q of queries) searchAll(index, q)
      const { user, system } = process.cpuUsage(start)
      return (user + system) / 1000 / queries.length
    })
    expect(times.sort((a, b) => a - b)[3]).toBeLessThan(5)
  })
})
