import { emptySnapshot, type Source, sourceId } from '@hopscope/model'
import { expect, it } from 'vitest'
import { isFault, missingSources } from './missing.ts'

const host = {
  id: 'h',
  name: 'alpha',
  vantage: { kind: 'host' as const },
  kernel: '6',
  bootId: 'b',
  rootNetns: 'ns:1',
  agentVersion: '0',
  privileged: false,
}
const entry = (...sources: Omit<Source, 'id'>[]) => {
  const empty = emptySnapshot(host)
  const source = Object.fromEntries(sources.map((s) => [sourceId(s.name), { ...s, id: sourceId(s.name) }]))
  return { host, status: 'live' as const, since: 0, snapshot: { host, records: { ...empty.records, source } } }
}

it('lists what is not whole, with the command that helps', () => {
  const missing = missingSources([
    entry(
      { name: 'links', state: 'ok' },
      { name: 'docker', state: 'unavailable', reason: 'NOT_RUNNING' },
      { name: 'nftables', state: 'unavailable', reason: 'NOT_IN_KERNEL' },
      { name: 'conntrack', state: 'partial', omitted: 7 },
    ),
  ])
  expect(missing.map((m) => [m.source.name, m.command, isFault(m)])).toEqual([
    ['docker', 'sudo systemctl start docker', true],
    ['nftables', 'sudo modprobe nf_tables', false],
    ['conntrack', undefined, false],
  ])
})
