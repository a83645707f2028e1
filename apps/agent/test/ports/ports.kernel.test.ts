import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from '@hopscope/protocol'
import { createSandbox, importBusybox, type Sandbox, type SandboxHost } from '@hopscope/sandbox'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Executing, execute } from '../execute/executing.ts'
import { type Cell, cellsOf, IMAGE, publishedForms, SERVED } from './forms.ts'
import { intoContainer, openSpot, type Spot } from './spot.ts'

describe.skipIf(process.getuid?.() !== 0)('published ports, with real packets', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hopscope-ports-'))
  const passed: Record<string, number> = {}
  let sandbox: Sandbox
  let host: SandboxHost
  let executing: Executing
  let spots: Record<'outside' | 'host' | 'other', Spot>

  beforeAll(async () => {
    sandbox = await createSandbox({ name: 't-ports' })
    const [first] = sandbox.hosts
    if (!first?.dockerSocket) throw new Error('a sandbox has a host with Docker')
    host = first
    await importBusybox(first.dockerSocket, IMAGE, ['EXPOSE 84', 'EXPOSE 84/udp'])
    await host.docker('run', '-d', '--name', 'other', 'busybox:latest', 'sleep', 'infinity')
    spots = {
      outside: await openSpot({ name: 'outside', place: sandbox.outside }),
      host: await openSpot({ name: 'host', place: host }),
      other: await openSpot({ name: 'other', place: host, into: await intoContainer(host, 'other') }),
    }
    executing = await execute(host, folder)
  })
  afterAll(async () => {
    for (const spot of Object.values(spots ?? {})) await spot.close()
    await executing?.close()
    await sandbox?.down()
    rmSync(folder, { recursive: true, force: true })
    console.log(`published ports reached: ${JSON.stringify(passed)}`)
  })

  const done = async (command: Command): Promise<void> => {
    const asked = await executing.ask({ kind: 'run', command })
    expect(asked?.answer, JSON.stringify(asked)).toMatchObject({ kind: 'change', change: { state: 'done' } })
  }

  /** Every port of the container from every place, itself among them; gives what was not answered as it should be. */
  async function missing(way: string, container: string): Promise<Cell[]> {
    const web = await openSpot({ name: container, place: host, into: await intoContainer(host, container) })
    try {
      await web.serve(SERVED)
      const cells = await cellsOf(host, container)
      const from = { ...spots, hairpin: web }
      const reached = await Promise.all(
        cells.map(async (cell) => {
          const { address, port, protocol, answer } = cell
          return (await from[cell.from].reach({ address, port, protocol })) === answer
        }),
      )
      passed[way] = (passed[way] ?? 0) + reached.filter(Boolean).length
      expect(cells.length).toBe(14 * 4)
      return cells.filter((_, i) => !reached[i])
    } finally {
      await web.close()
    }
  }

  /** What a port of the host answers to the outside, while the container answers at its port 80. */
  async function fromOutside(container: string, port: number): Promise<string | undefined> {
    const inside = await openSpot({ name: container, place: host, into: await intoContainer(host, container) })
    try {
      await inside.serve([80])
      return await spots.outside.reach({ address: host.address, port, protocol: 'tcp' })
    } finally {
      await inside.close()
    }
  }

  it("Docker's own", async () => {
    const { publish, publishAll } = publishedForms(host.address)
    const command = ['sleep', 'infinity']
    await done({ do: 'container.create', name: 'web', image: IMAGE, network: 'bridge', publish, publishAll, command })
    expect(await missing("docker's own", 'web')).toEqual([])
    await host.docker('rm', '-f', 'web')
  })

  it('added by recreating the container, and taken away', { timeout: 120_000 }, async () => {
    const { publish } = publishedForms(host.address)
    const asleep = ['--stop-signal', 'KILL', IMAGE, 'sleep', 'infinity']
    await host.docker('run', '-d', '--name', 'web', '--publish-all', ...asleep)
    for (const form of publish) await done({ do: 'port.publish', container: 'web', publish: form, by: 'recreate' })
    expect(await missing('recreate', 'web')).toEqual([])
    await host.docker('run', '-d', '--name', 'shop', '--publish', '8083:80', ...asleep)
    expect(await fromOutside('shop', 8083)).toBe('shop:80/tcp')
    await done({ do: 'port.unpublish', container: 'shop', publish: '8083:80', by: 'recreate' })
    expect(await fromOutside('shop', 8083)).toBeUndefined()
  })
})
