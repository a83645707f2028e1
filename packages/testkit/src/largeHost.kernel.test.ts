import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSandbox } from '@hopscope/sandbox'
import { afterAll, describe, expect, it } from 'vitest'
import { fillLargeHost } from './largeHost.ts'

const folder = mkdtempSync(join(tmpdir(), 't-large-'))
process.env.HOPSCOPE_RUN_DIR = join(folder, 'run')
process.env.HOPSCOPE_DATA_DIR = join(folder, 'data')
afterAll(() => rmSync(folder, { recursive: true }))

describe.skipIf(process.getuid?.() !== 0)('a large host', () => {
  it('has its namespaces behind the bridges, each with address, route, neighbours and CAM entry', async () => {
    const sandbox = await createSandbox({ name: 'large', docker: false })
    try {
      const [host] = sandbox.hosts
      if (host === undefined) throw new Error('a sandbox has a host')
      const made = await fillLargeHost(host, { namespaces: 12, portsPerBridge: 5 })
      expect(made.bridges).toEqual(['br1', 'br2', 'br3'])
      // "ip -j" prints {} for what a filter leaves out.
      const json = async (...argv: string[]): Promise<unknown[]> =>
        JSON.parse(await host.run(argv)).filter((record: object) => Object.keys(record).length > 0)
      expect(await json('ip', '-j', 'netns', 'list')).toHaveLength(12)
      expect(await json('ip', '-j', 'link', 'show', 'type', 'bridge_slave')).toHaveLength(12)
      expect(await json('ip', '-j', 'neigh', 'show', 'nud', 'permanent')).toHaveLength(12)
      const cam = await json('bridge', '-j', 'fdb', 'show')
      expect(cam.filter((entry) => JSON.stringify(entry).includes('"state":"static"'))).toHaveLength(12)
      const inside = (...argv: string[]) => json('ip', '-n', 'n12', '-j', ...argv)
      expect(await inside('route', 'show', 'default')).toEqual([
        { dst: 'default', gateway: '10.3.0.1', dev: 'eth0', flags: [] },
      ])
      expect(await inside('neigh', 'show', 'nud', 'permanent')).toHaveLength(3)
      expect(JSON.stringify(await inside('address', 'show', 'eth0'))).toContain('"local":"10.3.0.3"')
    } finally {
      await sandbox.down()
    }
  })
})
