import { planCommand } from '@hopscope/command'
import { type AnyRecord, type RecordKind, recordsOf } from '@hopscope/model'
import type { Command } from '@hopscope/protocol'
import { generateHost } from '@hopscope/testkit'
import { describe, expect, it } from 'vitest'
import { unmet } from './expects.ts'

const planned = generateHost({ containers: 6, sandbox: 'demo' })
const { rootNetns } = planned.host
const web = recordsOf(planned, 'container').find(({ name }) => name === 'web')
if (!web) throw new Error('the host has a container web')

/** What a plan from before says of the host without a record, and perhaps with another one. Links are asked of the kernel; here is none. */
function unmetAfter(command: Command, kind: RecordKind, { gone, put }: { gone?: string; put?: AnyRecord }) {
  const plan = planCommand(command, planned)
  if ('refused' in plan) throw new Error(plan.refused.code)
  const kept = Object.entries(planned.records[kind]).filter(([id]) => id !== gone)
  const records = { ...planned.records, [kind]: Object.fromEntries([...kept, ...(put ? [[put.id, put]] : [])]) }
  const expects = plan.plan.steps.flatMap((step) => step.expects)
  const asked = expects.filter((one) => one.kind === 'record' && one.of !== 'link' && one.of !== 'netns')
  return unmet({ ...planned, records }, asked)
}

describe('what a plan was made from', () => {
  const stop: Command = { do: 'container.stop', container: 'web' }
  const { id, containerId } = web
  it('is a container by its id and name', () => {
    expect(unmetAfter(stop, 'container', {})).toBeUndefined()
    const expected = `${containerId.slice(0, 12)} web`
    const gone = unmetAfter(stop, 'container', { gone: id })
    expect(gone).toEqual({ code: 'NOW_GONE', params: { name: 'web' }, difference: { expected } })
    const other = { ...web, id: 'other', containerId: 'f'.repeat(64) }
    expect(unmetAfter(stop, 'container', { gone: id, put: other })).toEqual({
      ...{ code: 'NOW_OTHER', params: { name: 'web' } },
      difference: { expected, found: `${'f'.repeat(12)} web` },
    })
    const renamed = unmetAfter(stop, 'container', { put: { ...web, name: 'web-old' } })
    expect(renamed?.difference).toEqual({ expected, found: `${containerId.slice(0, 12)} web-old` })
  })

  it('is a route with all that it says', () => {
    const route = recordsOf(planned, 'route').find(({ netns, dst }) => netns === rootNetns && dst === 'default')
    if (!route) throw new Error('the host has a default route')
    const command: Command = { do: 'route.delete', netns: 'root', dst: 'default', table: 254 }
    const put = { ...route, id: 'theirs', gateway: '192.0.2.9' }
    expect(unmetAfter(command, 'route', { gone: route.id, put })).toMatchObject({
      code: 'NOW_OTHER',
      difference: { expected: expect.stringMatching(/^default via/), found: expect.stringMatching(/192\.0\.2\.9/) },
    })
  })

  it('is an address at its link', () => {
    const docker0 = recordsOf(planned, 'link').find(({ netns, name }) => netns === rootNetns && name === 'docker0')
    const address = recordsOf(planned, 'address').find(
      ({ netns, family, index }) => netns === rootNetns && family === 'inet' && index === docker0?.index,
    )
    if (!address) throw new Error('docker0 has an address')
    const text = `${address.local}/${address.prefixLength}`
    const command: Command = { do: 'address.delete', netns: 'root', link: 'docker0', address: text }
    expect(unmetAfter(command, 'address', { gone: address.id })).toMatchObject({
      code: 'NOW_GONE',
      difference: { expected: `${text} dev docker0` },
    })
  })
})
