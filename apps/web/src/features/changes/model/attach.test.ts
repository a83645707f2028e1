import { type HostSnapshot, recordsOf } from '@hopscope/model'
import { generateHost } from '@hopscope/testkit'
import { describe, expect, it } from 'vitest'
import { attach, plugOf, socketsOf } from './attach.ts'

const host = generateHost({ containers: 14, handMade: 2, sandbox: 'demo' })
const hostId = host.host.id

function link(netns: string | undefined, name: string, snapshot: HostSnapshot = host) {
  const found = recordsOf(snapshot, 'link').find((one) => one.netns === netns && one.name === name)
  const plug = found && plugOf({ hostId, kind: 'link', id: found.id }, snapshot)
  if (!plug) throw new Error(`${name} cannot be plugged in`)
  return plug
}
function container(name: string) {
  const found = recordsOf(host, 'container').find((one) => one.name === name)
  const plug = found && plugOf({ hostId, kind: 'container', id: found.id }, host)
  if (!plug) throw new Error(`${name} cannot be plugged in`)
  return plug
}
function socket(name: string) {
  const found = socketsOf(host).find((one) => one.name === name || one.network?.name === name)
  if (!found) throw new Error(`there is no ${name}`)
  return found
}
const web = recordsOf(host, 'container').find(({ name }) => name === 'web')

describe('plugging in', () => {
  it('offers each bridge once, with its network', () => {
    const names = socketsOf(host).map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    expect(socket('docker0').network?.name).toBe('bridge')
    expect(names).not.toContain('host')
    expect(names).not.toContain('none')
  })

  it('connects a container, or a link of it, to a network', () => {
    const other = socketsOf(host).find(
      ({ network }) => network && !web?.attachments.some((at) => at.network === network.name),
    )
    if (!other) throw new Error('every network has web')
    const wanted = { do: 'network.connect', values: { container: 'web', network: other.network?.name } }
    expect(attach(container('web'), other, host)).toMatchObject({ draft: wanted })
    expect(attach(link(web?.netns, 'eth0'), other, host)).toMatchObject({ draft: wanted })
  })

  it('says why it cannot be', () => {
    expect(attach(container('web'), socket('docker0'), host)).toMatchObject({ refused: { code: 'NOTHING_TO_DO' } })
    const port = recordsOf(host, 'link').find(({ netns, port }) => netns === host.host.rootNetns && port)
    const other = socketsOf(host).find(({ bridge }) => bridge && bridge.index !== port?.master)
    if (!other) throw new Error('there is one bridge only')
    expect(attach(link(host.host.rootNetns, port?.name ?? ''), other, host)).toMatchObject({
      refused: { code: 'LINK_IS_PORT' },
    })
  })

  it('cannot be done with loopbacks, bridges and containers that have no network of their own', () => {
    const all = recordsOf(host, 'link')
    for (const one of all.filter(({ type, info }) => type === 'loopback' || info.kind === 'bridge'))
      expect(plugOf({ hostId, kind: 'link', id: one.id }, host)).toBeUndefined()
    for (const one of recordsOf(host, 'container').filter(({ networkMode }) => networkMode === 'host'))
      expect(plugOf({ hostId, kind: 'container', id: one.id }, host)).toBeUndefined()
  })
})
