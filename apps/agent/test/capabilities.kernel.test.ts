import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { SOURCES, type Source } from '@hopscope/model'
import { createSandbox, type Sandbox, type SandboxHost } from '@hopscope/sandbox'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { type DoctorReport, doctorSchema } from '../src/cli/doctor/report.ts'
import { bundled } from './bundled.ts'

type Name = Source['name']
const name = 't-caps'
const program = await bundled(join(import.meta.dirname, '../src/cli/main.ts'))
const inside = JSON.stringify({ kind: 'sandbox', sandbox: name, rootless: false })

/** Our own command inside the host, as root without some capabilities. */
const without = (capabilities: string | undefined, ...argv: string[]): string[] => [
  ...(capabilities
    ? ['setpriv', `--bounding-set=${dropped(capabilities)}`, `--inh-caps=${dropped(capabilities)}`]
    : []),
  ...[process.execPath, program, ...argv, '--inside', inside],
]

const dropped = (capabilities: string): string => `-${capabilities.replaceAll(',', ',-')}`

/** What can be read only by entering a namespace: lost where we may not, kept in the host's own. */
const ENTERED: Name[] = [
  ...(['links', 'addresses', 'routes', 'neighbours', 'fdb', 'sysctl'] as const),
  ...(['nftables', 'iptablesLegacy', 'conntrack', 'sockets'] as const),
]
/** What is not whole without a capability, and which one it names. */
const LOST: Record<string, Partial<Record<Name, RegExp>>> = {
  net_admin: { namespaces: /CAP_NET_ADMIN/, nftables: /needs CAP_NET_ADMIN/, conntrack: /needs CAP_NET_ADMIN/ },
  sys_admin: Object.fromEntries(['namespaces' as const, ...ENTERED].map((source) => [source, /CAP_SYS_ADMIN/])),
  net_broadcast: { namespaces: /events need CAP_NET_BROADCAST/ },
  sys_ptrace: { namespaces: /CAP_SYS_PTRACE/ },
  all: {
    ...Object.fromEntries(ENTERED.map((source) => [source, /needs CAP_SYS_ADMIN/])),
    namespaces: /CAP_NET_ADMIN, CAP_SYS_PTRACE, CAP_SYS_ADMIN/,
    nftables: /needs CAP_NET_ADMIN/,
    conntrack: /needs CAP_NET_ADMIN/,
  },
  net_raw: {},
  dac_override: {},
  dac_read_search: {},
  setuid: {},
  sys_resource: {},
}
/** These come and go by themselves. */
const UNSTEADY: Name[] = ['neighbours', 'conntrack', 'sockets']

const ipSchema = z.array(z.object({ ifname: z.string(), flags: z.array(z.string()), addr_info: z.array(z.unknown()) }))

/** Links that still give themselves an IPv6 address, and with it routes. */
async function unsettledLinks(host: SandboxHost): Promise<string[]> {
  const list = async (...more: string[]) =>
    ipSchema.parse(JSON.parse(await host.run(['ip', '-j', 'addr', 'show', 'up', ...more])))
  const settled = new Set(
    (await list('scope', 'link', '-tentative')).flatMap((link) => (link.addr_info.length > 0 ? [link.ifname] : [])),
  )
  const links = (await list()).filter(({ flags }) => flags.includes('LOWER_UP') && !flags.includes('LOOPBACK'))
  return links.flatMap(({ ifname }) => (settled.has(ifname) ? [] : [ifname]))
}

describe.skipIf(process.getuid?.() !== 0)('an agent that lacks a capability', () => {
  let sandbox: Sandbox
  let host: SandboxHost
  let whole: Map<Name, DoctorReport['sources'][number]>

  async function examine(capability?: string): Promise<Map<Name, DoctorReport['sources'][number]>> {
    const { code, stdout, stderr } = await host.exec(without(capability, 'doctor', '--json'))
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    return new Map(doctorSchema.parse(JSON.parse(stdout)).sources.map((source) => [source.name, source]))
  }

  beforeAll(async () => {
    sandbox = await createSandbox({ name, hosts: 1 })
    const [only] = sandbox.hosts
    if (!only) throw new Error('the sandbox has no host')
    host = only
    await host.docker('run', '-d', '--name', 'web', '--publish', '8080:80', 'busybox', 'sleep', '1000')
    await host.run(['ip', 'netns', 'add', 'blue'])
    await vi.waitFor(async () => expect(await unsettledLinks(host)).toEqual([]), { timeout: 20_000, interval: 200 })
    whole = await examine()
  })
  afterAll(() => sandbox?.down())

  it('has them all to begin with', () => {
    expect([...whole.values()].filter(({ state }) => state !== 'ok')).toEqual([])
  })

  it.each(Object.entries(LOST))('says what it cannot see without %s, and sees the rest', async (capability, lost) => {
    const found = await examine(capability)
    for (const source of SOURCES) {
      const one = found.get(source)
      const expected = lost[source]
      if (expected === undefined) {
        expect(one, source).toMatchObject({ state: 'ok' })
        if (!UNSTEADY.includes(source)) expect(one?.records, source).toBe(whole.get(source)?.records)
        continue
      }
      expect(one, source).toMatchObject({ state: expect.stringMatching(/^(partial|unavailable)$/), reason: 'NOT_ROOT' })
      expect(one?.detail, source).toMatch(expected)
      expect(one?.remedy, source).toMatch(/root.*capabilities/)
    }
    // The host's own links need none at all.
    expect(found.get('links')?.records).toBeGreaterThanOrEqual(4)
  })

  it('needs no other one', async () => {
    const all = (await host.run(['setpriv', '--list-caps'])).trim().split('\n')
    const others = all.filter((one) => Object.keys(LOST[one] ?? {}).length === 0)
    expect(others.length).toBeGreaterThan(30)
    const found = await examine(others.join())
    expect([...found.values()].filter(({ state }) => state !== 'ok')).toEqual([])
  })

  it('goes on watching with none at all', async () => {
    const child = host.spawn(without('all', 'watch', '--json'), { stdio: ['ignore', 'pipe', 'inherit'] })
    const lines = createInterface({ input: child.stdout ?? process.stdin })[Symbol.asyncIterator]()
    await lines.next()
    await host.run(['ip', 'link', 'add', 'seen', 'type', 'bridge'])
    let line = ''
    while (!line.includes('"seen"')) line = (await lines.next()).value ?? ''
    const exit = once(child, 'exit')
    child.kill('SIGKILL')
    await exit
  })
})
