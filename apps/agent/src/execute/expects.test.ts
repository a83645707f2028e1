import { planCommand } from '@hopscope/command'
import { type HostSnapshot, recordsOf } from '@hopscope/model'
import type { Command } from '@hopscope/protocol'
import { generateHost } from '@hopscope/testkit'
import { describe, expect, it } from 'vitest'
import { unmet } from './expects.ts'

const planned = generateHost({ containers: 6, sandbox: 'demo' })
const web = recordsOf(planned, 'container').find(({ name }) => name === 'web')
if (!web) throw new Error('the host has a container web')

/** What a plan from before says of the host as it is after `change`. Links are asked of the kernel; here is none. */
function unmetAfter(command: Command, change: (host: HostSnapshot) => void) {
  const plan = planCommand(command, planned)
  if ('refused' in plan) throw new Error(plan.refused.code)
  const now = structuredClone(planned)
  change(now)
  const expects = plan.plan.steps.flatMap((step) => step.expects)
  return unmet(
    now,
    expects.filter((one) => one.kind === 'record' && one.of !== 'link' && one.of !== 'netns'),
  )
}

describe('what a plan was made from', () => {
  const stop: Command = { do: 'container.stop', container: 'web' }
  const { id, containerId } = web
  it('is a container by its id and name', () => {
    expect(unmetAfter(stop, () => undefined)).toBeUndefined()
    const expected = `${containerId.slice(0, 12)} web`
    const gone = unmetAfter(stop, ({ records }) => delete records.container[id])
    expect(gone).toEqual({ code: 'NOW_GONE', params: { name: 'web' }, difference: { expected } })
    const anew = unmetAfter(stop, ({ records }) => {
      delete records.container[id]
      records.container.other = { ...web, id: 'other', containerId: 'f'.repeat(64) }
    })
    expect(anew).toEqual({
      ...{ code: 'NOW_OTHER', params: { name: 'web' } },
      difference: { expected, found: `${'f'.repeat(12)} web` },
    })
    const renamed = unmetAfter(stop, ({ records }) => {
      records.container[id] = { ...web, name: 'web-old' }
    })
    expect(renamed?.difference).toEqual({ expected, found: `${containerId.slice(0, 12)} web-old` })
  })

  it('is a route with all that it says', () => {
    const command: Command = { do: 'route.delete', netns: 'root', dst: 'default', table: 254 }
    const change = unmetAfter(command, ({ records }) => {
      for (const route of Object.values(records.route)) {
        if (route.netns !== planned.host.rootNetns || route.dst !== 'default') continue
        delete records.route[route.id]
        records.route.theirs = { ...route, id: 'theirs', gateway: '192.0.2.9' }
      }
    })
    expect(change).toMatchObject({
      code: 'NOW_OTHER',
      difference: { expected: expect.stringMatching(/^default via/), found: expect.stringMatching(/192\.0\.2\.9/) },
    })
  })

  it('is an address at its link', () => {
    const address = recordsOf(planned, 'address').find(({ netns, family, index }) => {
      const link = recordsOf(planned, 'link').find((one) => one.netns === netns && one.index === index)
      return netns === planned.host.rootNetns && family === 'inet' && link?.name === 'docker0'
    })
    if (!address) throw new Error('docker0 has an address')
    const text = `${address.local}/${address.prefixLength}`
    const command: Command = { do: 'address.delete', netns: 'root', link: 'docker0', address: text }
    const gone = unmetAfter(command, ({ records }) => delete records.address[address.id])
    expect(gone).toMatchObject({ code: 'NOW_GONE', difference: { expected: `${text} dev docker0` } })
  })
})
